import assert from "node:assert/strict";
import avro from "avsc";
import { AVRO_SCHEMA } from "../../../src/encode/avro_schema.ts";
import { COLUMNS } from "../../../src/model/columns.ts";

Deno.test("AVRO_SCHEMA is a record of the columns, optional ones as unions that begin with null", () => {
  const type = avro.Type.forSchema(JSON.parse(AVRO_SCHEMA)) as avro.types.RecordType;
  assert.deepEqual(type.fields.map((field) => field.name), COLUMNS.map((column) => column.name));
  const { fields } = JSON.parse(AVRO_SCHEMA);
  assert.deepEqual(fields[2], { name: "collection", type: ["null", "string"], default: null });
  assert.deepEqual(fields[3].type, { type: "long", logicalType: "timestamp-millis" });
  assert.match(AVRO_SCHEMA, /^[ -~]+$/);
});
