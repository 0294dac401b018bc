import type { AvroField, AvroSchema } from "./avro_values.ts";

/**
 * The schemas of manifests and of lists of them (table specification, version 2) for tables without partitions. Others give the same
 * fields other names, so who reads goes by their ids.
 */

function required(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type, "field-id": id };
}

function optional(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type: ["null", type], default: null, "field-id": id };
}

/** A map whose keys are the ids of columns. */
function columnMap(id: number, name: string, [key, value]: [number, number], type: string) {
  const fields = [required(key, "key", "int"), required(value, "value", type)];
  const items = { type: "record", name: `k${key}_v${value}`, fields };
  return optional(id, name, { type: "array", items, logicalType: "map" } as AvroSchema);
}

function listOf(element: number, items: AvroSchema): AvroSchema {
  return { type: "array", items, "element-id": element } as AvroSchema;
}

const DATA_FILE = {
  type: "record",
  name: "r2",
  fields: [
    required(134, "content", "int"),
    required(100, "file_path", "string"),
    required(101, "file_format", "string"),
    required(102, "partition", { type: "record", name: "r102", fields: [] }),
    required(103, "record_count", "long"),
    required(104, "file_size_in_bytes", "long"),
    columnMap(108, "column_sizes", [117, 118], "long"),
    columnMap(109, "value_counts", [119, 120], "long"),
    columnMap(110, "null_value_counts", [121, 122], "long"),
    columnMap(137, "nan_value_counts", [138, 139], "long"),
    columnMap(125, "lower_bounds", [126, 127], "bytes"),
    columnMap(128, "upper_bounds", [129, 130], "bytes"),
    optional(131, "key_metadata", "bytes"),
    optional(132, "split_offsets", listOf(133, "long")),
    optional(135, "equality_ids", listOf(136, "int")),
    optional(140, "sort_order_id", "int"),
  ],
};

export const MANIFEST_SCHEMA = {
  type: "record",
  name: "manifest_entry",
  fields: [
    required(0, "status", "int"),
    optional(1, "snapshot_id", "long"),
    optional(3, "sequence_number", "long"),
    optional(4, "file_sequence_number", "long"),
    required(2, "data_file", DATA_FILE),
  ],
};

const FIELD_SUMMARY = {
  type: "record",
  name: "r508",
  fields: [
    required(509, "contains_null", "boolean"),
    optional(518, "contains_nan", "boolean"),
    optional(510, "lower_bound", "bytes"),
    optional(511, "upper_bound", "bytes"),
  ],
};

export const MANIFEST_LIST_SCHEMA = {
  type: "record",
  name: "manifest_file",
  fields: [
    required(500, "manifest_path", "string"),
    required(501, "manifest_length", "long"),
    required(502, "partition_spec_id", "int"),
    required(517, "content", "int"),
    required(515, "sequence_number", "long"),
    required(516, "min_sequence_number", "long"),
    required(503, "added_snapshot_id", "long"),
    required(504, "added_files_count", "int"),
    required(505, "existing_files_count", "int"),
    required(506, "deleted_files_count", "int"),
    required(512, "added_rows_count", "long"),
    required(513, "existing_rows_count", "long"),
    required(514, "deleted_rows_count", "long"),
    optional(507, "partitions", listOf(508, FIELD_SUMMARY)),
    optional(519, "key_metadata", "bytes"),
  ],
};

const NAMES = new Map(
  [MANIFEST_SCHEMA, DATA_FILE, FIELD_SUMMARY, MANIFEST_LIST_SCHEMA].flatMap(({ fields }) =>
    fields.map((field) => [field["field-id"]!, field.name])
  ),
);

/** Our name of a field of whoever. */
export function nameOfField(field: AvroField): string {
  return NAMES.get(field["field-id"] ?? -1) ?? field.name;
}
