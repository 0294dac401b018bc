import assert from "node:assert/strict";
import { FORMATS } from "../../../src/encode/formats.ts";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
import { countRows, type ReadObject, rowCounter } from "../../../src/encode/row_count.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { type Encoding, fileExtension, type Format } from "../../../src/model/settings.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { chunkOf, sampleEvent } from "../../contract/encoder_events.ts";

const ROWS = 321;

for (const format of Object.keys(FORMATS) as Format[]) {
  for (const compression of FORMATS[format].compressions) {
    Deno.test(`countRows() counts ${format} with compression ${compression}`, async () => {
      const encoding: Encoding = { format, compression, jsonMode: "relaxed" };
      const key = `a/b-1-0.${fileExtension(encoding)}`;
      assert.equal(await countRows(key, reader(await encoded(encoding))), ROWS);
    });
  }
}

Deno.test("countRows() says which object is damaged", async () => {
  for (const key of ["a.parquet", "a.avro", "a.jsonl.gz", "a.jsonl.zst"]) {
    const damaged = reader(new TextEncoder().encode("this is no such file, whatever it is called"));
    await assert.rejects(countRows(key, damaged), (error) => {
      return error instanceof PermanentError && error.message.includes(key);
    }, key);
  }
  await assert.rejects(countRows("a.txt", reader(new Uint8Array(0))), /no known extension/);
});

function reader(bytes: Uint8Array): ReadObject {
  return (start, end) => Promise.resolve(new Uint8Array(bytes).slice(start, end));
}

async function encoded(encoding: Encoding): Promise<Uint8Array> {
  const fullDocument = { text: 'a "quoted"\r\nline, and more' };
  const events = Array.from({ length: ROWS }, (_, i) => sampleEvent(i, { fullDocument }).bson);
  const chunks = [chunkOf(events)];
  const result = await createInlineEncoder(systemClock).encode({ encoding, chunks });
  assert.equal(result.rows, ROWS);
  return result.bytes;
}

Deno.test("rowCounter reads parts of objects from where they lie, and says when one is gone", async () => {
  const ranges: unknown[] = [];
  const count = rowCounter({
    get: (key, range) => {
      ranges.push(range);
      return Promise.resolve(
        key === "a.jsonl" ? new TextEncoder().encode("{}\n{}\n") : undefined,
      );
    },
  });
  assert.equal(await count("a.jsonl"), 2);
  assert.deepEqual(ranges, [{ start: 0 }]);
  await assert.rejects(count("b.parquet"), /Cannot read b\.parquet: it is gone/);
});
