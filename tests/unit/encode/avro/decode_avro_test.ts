import assert from "node:assert/strict";
import { countAvro, decodeAvro } from "../../../../src/encode/avro/decode_avro.ts";
import { valueFault } from "../../../../src/encode/row_check.ts";
import { encodedRows, feedOf } from "../../../support/encoded_rows.ts";

Deno.test("decodeAvro reads the rows of every block", async () => {
  const bytes = await encodedRows({ format: "avro", compression: "none" }, 5000);
  assert.equal(await countAvro(feedOf(bytes)), 5000);
  assert.equal(await decodeAvro(feedOf(bytes), valueFault), 5000);
});

Deno.test("decodeAvro says what is wrong with a file", async () => {
  const bytes = await encodedRows({ format: "avro", compression: "none" }, 10);
  const text = new TextDecoder("latin1").decode(bytes);
  const edit = (from: string, to: string) =>
    Uint8Array.from(text.replace(from, to), (char) => char.charCodeAt(0));
  const cases: [Uint8Array, RegExp][] = [
    [edit("Obj", "Obi"), /it does not begin like an Avro file/],
    [edit('"fields"', '"fieldz"'), /its schema is no record/],
    [edit('"name":"operation"', '"name":"operatiom"'), /its schema has no column operation/],
    [edit("null", "nuul"), /its schema is not JSON|is not known|the type of its column/],
    [bytes.slice(0, bytes.length - 1), /it ends too early/],
    [bytes.slice().fill(0, bytes.length - 16), /a block does not end as it should/],
    [edit("insert", "\0\0\0\0\0\0"), /row 1: column operation has a zero byte/],
  ];
  for (const [bad, fault] of cases) {
    await assert.rejects(decodeAvro(feedOf(bad), valueFault), fault);
  }
});
