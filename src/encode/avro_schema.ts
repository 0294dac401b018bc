import { COLUMNS, type ColumnType } from "../model/columns.ts";

/** What a column's values are in Avro. */
const AVRO_TYPES: Readonly<Record<ColumnType, unknown>> = {
  string: "string",
  timestamp: { type: "long", logicalType: "timestamp-millis" },
  int32: "int",
  json: "string",
};

/** The schema of every Avro object, as JSON (ASCII). Optional columns are unions whose first branch is null. */
export const AVRO_SCHEMA: string = JSON.stringify({
  type: "record",
  name: "ChangeEvent",
  namespace: "tributary",
  fields: COLUMNS.map(({ name, type, nullable }) =>
    nullable
      ? { name, type: ["null", AVRO_TYPES[type]], default: null }
      : { name, type: AVRO_TYPES[type] }
  ),
});
