import type { SchemaElement } from "hyparquet-writer";
import { COLUMNS, type ColumnType } from "../model/columns.ts";

/**
 * What a column's values are in Parquet: the physical type, the logical type (LogicalTypes.md of parquet-format) and
 * the converted type that older readers look at.
 */
const PARQUET_TYPES: Readonly<Record<ColumnType, Omit<SchemaElement, "name">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
  int32: { type: "INT32" },
  json: { type: "BYTE_ARRAY", converted_type: "JSON", logical_type: { type: "JSON" } },
};

/** The leaves of the schema, in column order. */
export const PARQUET_COLUMNS: readonly SchemaElement[] = COLUMNS.map(
  ({ name, type, nullable }) => ({
    name,
    ...PARQUET_TYPES[type],
    repetition_type: nullable ? "OPTIONAL" : "REQUIRED",
  }),
);

/** The whole schema, as the footer lists it: the root and its leaves. */
export const PARQUET_SCHEMA: readonly SchemaElement[] = [
  { name: "schema", num_children: PARQUET_COLUMNS.length },
  ...PARQUET_COLUMNS,
];
