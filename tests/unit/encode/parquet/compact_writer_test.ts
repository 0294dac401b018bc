import assert from "node:assert/strict";
import { ByteWriter } from "hyparquet-writer";
import { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import {
  BINARY,
  CompactWriter,
  INT32,
  STRUCT,
} from "../../../../src/encode/parquet/compact_writer.ts";

Deno.test("CompactWriter writes what the library writes, also structs in lists in structs", () => {
  const names = Array.from({ length: 16 }, (_, i) => "n".repeat(i * 20));
  const out = new ByteSink(0);
  const writer = new CompactWriter(out);
  writer.int32(1, -70_000);
  writer.int64(4, 2n ** 40n);
  writer.list(5, STRUCT, 2);
  for (const flag of [true, false]) {
    writer.beginElement();
    writer.bool(2, flag);
    writer.begin(3);
    writer.bytes(1, new Uint8Array(200).fill(7));
    writer.end();
    writer.end();
  }
  writer.list(6, BINARY, names.length);
  for (const name of names) writer.asciiElement(name);
  writer.list(7, INT32, 1);
  writer.int32Element(9);
  writer.list(8, INT32, 0);
  writer.ascii(20, "end");
  writer.end();
  const library = new ByteWriter();
  const inner = (flag: boolean) => ({
    field_2: flag,
    field_3: { field_1: new Uint8Array(200).fill(7) },
  });
  serializeTCompactProtocol(library, {
    field_1: -70_000,
    field_4: 2n ** 40n,
    field_5: [inner(true), inner(false)],
    field_6: names,
    field_7: [9],
    field_8: [],
    field_20: "end",
  });
  assert.deepEqual(out.take(), library.getBytes());
});
