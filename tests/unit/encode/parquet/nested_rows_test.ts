import assert from "node:assert/strict";
import type { SchemaElement } from "hyparquet";
import { nestedRows } from "../../../../src/encode/parquet/nested_rows.ts";

const SCHEMA: SchemaElement[] = [
  { name: "root", num_children: 2 },
  { name: "a", num_children: 2, repetition_type: "OPTIONAL" },
  { name: "x", type: "INT64", repetition_type: "OPTIONAL" },
  { name: "list", num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST" },
  { name: "list", num_children: 1, repetition_type: "REPEATED" },
  { name: "element", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "b", type: "BOOLEAN", repetition_type: "OPTIONAL" },
];

Deno.test("nested rows come back as they were written, all columns or some", async () => {
  const rows = [{ a: { x: 2n ** 60n, list: ["1", "2"] }, b: true }, { a: null, b: null }];
  const bytes = new Uint8Array(nestedRows.write(SCHEMA, rows));
  const read = await nestedRows.read(bytes, ["a", "b"]);
  assert.deepEqual(read[0], rows[0]);
  assert.equal(read[1]!["a"] ?? null, null);
  assert.deepEqual(await nestedRows.read(bytes, ["b"]), [{ b: true }, { b: null }]);
});
