import assert from "node:assert/strict";
import {
  MANIFEST_LIST_SCHEMA,
  MANIFEST_SCHEMA,
  nameOfField,
} from "../../../../src/table/iceberg/manifest_schema.ts";

Deno.test("a field is known by its id, whatever others call it", () => {
  const other = { name: "added_data_files_count", type: "int", "field-id": 504 };
  assert.equal(nameOfField(other), "added_files_count");
  assert.equal(nameOfField({ name: "key", type: "int", "field-id": 9999 }), "key");
});

Deno.test("no two fields have one id", () => {
  const ids = [MANIFEST_SCHEMA, MANIFEST_LIST_SCHEMA].flatMap((schema) =>
    [...JSON.stringify(schema).matchAll(/"(?:field|element)-id":(\d+)/g)].map((match) => match[1])
  );
  assert.equal(new Set(ids).size, ids.length);
});
