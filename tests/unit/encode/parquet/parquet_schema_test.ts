import assert from "node:assert/strict";
import { PARQUET_COLUMNS, PARQUET_SCHEMA } from "../../../../src/encode/parquet/parquet_schema.ts";

Deno.test("PARQUET_SCHEMA is a root and the columns, with types for new readers and old", () => {
  assert.equal(PARQUET_SCHEMA[0]!.num_children, 11);
  assert.deepEqual(PARQUET_SCHEMA.slice(1), PARQUET_COLUMNS);
  assert.deepEqual(PARQUET_COLUMNS[2], {
    name: "collection",
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    logical_type: { type: "STRING" },
    repetition_type: "OPTIONAL",
  });
  assert.deepEqual(PARQUET_COLUMNS[3], {
    name: "cluster_time",
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
    repetition_type: "REQUIRED",
  });
  assert.equal(PARQUET_COLUMNS[7]!.logical_type?.type, "JSON");
});
