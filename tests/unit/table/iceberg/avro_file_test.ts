import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import avro from "avsc";
import { readAvroFile, writeAvroFile } from "../../../../src/table/iceberg/avro_file.ts";
import { readContainer } from "../../../support/read_container.ts";

const SCHEMA = { type: "record", name: "r", fields: [{ name: "n", type: "int", "field-id": 7 }] };
const RECORDS = Array.from({ length: 5000 }, (_, n) => ({ n }));

Deno.test("a container file of ours is read by avsc, and by us with what it says of itself", async () => {
  const bytes = writeAvroFile(SCHEMA, { content: "data" }, RECORDS);
  assert.deepEqual((await readContainer(bytes)).map((row) => row.n), RECORDS.map(({ n }) => n));
  const { metadata, records } = readAvroFile(bytes);
  assert.deepEqual([metadata.get("content"), records], ["data", RECORDS]);
  assert.deepEqual(readAvroFile(writeAvroFile(SCHEMA, {}, [])).records, []);
  assert.deepEqual(readAvroFile(bytes, (f) => `f${f["field-id"]}`).records[3], { f7: 3 });
});

Deno.test("a file of others, in several blocks, is read", async () => {
  for (const codec of ["null", "deflate"]) {
    const encoder = new avro.streams.BlockEncoder(SCHEMA as never, { blockSize: 512, codec });
    const chunks: Uint8Array[] = [];
    encoder.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    const ends = new Promise((resolve) => encoder.on("end", resolve));
    for (const record of RECORDS) encoder.write(record);
    encoder.end();
    await ends;
    assert.deepEqual(readAvroFile(Buffer.concat(chunks)).records, RECORDS);
  }
});

Deno.test("what is no such file, was cut off or damaged is refused", () => {
  const bytes = writeAvroFile(SCHEMA, {}, RECORDS);
  const text = Buffer.from(bytes).toString("latin1");
  const other = Buffer.from(text.replace("deflate", "snappyy"), "latin1");
  assert.throws(() => readAvroFile(new Uint8Array(10)), /does not begin like an Avro file/);
  assert.throws(() => readAvroFile(bytes.subarray(0, bytes.length - 1)), /ends too early/);
  assert.throws(() => readAvroFile(bytes.with(bytes.length - 1, 0)), /does not end as it should/);
  assert.throws(() => readAvroFile(other), /codec "snappyy" is not known/);
});
