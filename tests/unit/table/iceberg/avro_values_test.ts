import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import avro from "avsc";
import { AvroReader, AvroWriter } from "../../../../src/table/iceberg/avro_bytes.ts";
import { type AvroSchema, AvroValues } from "../../../../src/table/iceberg/avro_values.ts";

const POINT = { type: "record", name: "point", fields: [{ name: "x", type: "int" }] };

const SCHEMA: AvroSchema = {
  type: "record",
  name: "all",
  namespace: "n",
  fields: [
    { name: "text", type: ["null", "string"] },
    { name: "none", type: ["null", "string"] },
    { name: "yes", type: "boolean" },
    { name: "bytes", type: "bytes" },
    { name: "point", type: POINT },
    { name: "points", type: { type: "array", items: "n.point" } },
    { name: "map", type: { type: "map", values: "double" } },
    { name: "fixed", type: { type: "fixed", name: "two", size: 2 } },
    { name: "letter", type: { type: "enum", name: "letter", symbols: ["a", "b"] } as AvroSchema },
    { name: "float", type: "float" },
  ],
};

Deno.test("whatever a schema has is read as avsc wrote it", () => {
  const value = {
    ...{ text: "a", none: null, yes: true, bytes: Buffer.from([1]), float: 0.5, letter: "b" },
    ...{ point: { x: 1 }, points: [{ x: -2 }, { x: 3 }], map: { a: 0.1 } },
    fixed: Buffer.from([7, 8]),
  };
  const bytes = avro.Type.forSchema(SCHEMA as never, { wrapUnions: false }).toBuffer(value);
  const read = new AvroValues().read(SCHEMA, new AvroReader(bytes));
  assert.deepEqual(read, {
    ...value,
    ...{ bytes: new Uint8Array([1]), fixed: new Uint8Array([7, 8]), letter: 1 },
  });
});

Deno.test("what is written avsc reads, and what has no type is refused", () => {
  const schema = {
    type: "record",
    name: "some",
    fields: [
      { name: "text", type: ["null", "string"] as const },
      { name: "list", type: { type: "array", items: "long" } },
    ],
  };
  const to = new AvroWriter();
  for (const value of [{ text: "ä", list: [1n, -70n] }, { list: [] }]) {
    new AvroValues().write(schema, value, to);
  }
  const list = { type: "array", items: schema };
  const bytes = Buffer.concat([new Uint8Array([4]), to.take(), new Uint8Array([0])]);
  assert.deepEqual(
    JSON.parse(
      JSON.stringify(avro.Type.forSchema(list as never, { wrapUnions: false }).fromBuffer(bytes)),
    ),
    [{ text: "ä", list: [1, -70] }, { text: null, list: [] }],
  );
  assert.throws(() => new AvroValues().write(["string"], null, to), /a value is of no type/);
  assert.throws(() => new AvroValues().read("who", new AvroReader(bytes)), /who is not known/);
  const empty = new AvroReader(new Uint8Array([4]));
  assert.throws(() => new AvroValues().read(["null"], empty), /a value is of no type/);
});

Deno.test("a block that says its size first, as others write it, is read", () => {
  const bytes = new Uint8Array([3, 8, 2, 4, 0]);
  assert.deepEqual(new AvroValues().read({ type: "array", items: "int" }, new AvroReader(bytes)), [
    1,
    2,
  ]);
});
