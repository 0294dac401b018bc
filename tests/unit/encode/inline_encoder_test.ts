import assert from "node:assert/strict";
import type { ReadObject } from "../../../src/encode/compress/object_feed.ts";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
import { inspectObject } from "../../../src/encode/inspect_object.ts";
import { compressionsOf, fileExtension, FORMAT_NAMES } from "../../../src/model/format.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { chunkOf, sampleEvent } from "../../contract/encoder_events.ts";

const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;

Deno.test("createInlineEncoder leaves the chunks as they are", async () => {
  const chunk = chunkOf([sampleEvent(0).bson]);
  const before = chunk.bytes.slice();
  const encoder = createInlineEncoder(systemClock);
  await encoder.encode({ encoding: ENCODING, chunks: [chunk] });
  assert.deepEqual(chunk.bytes, before);
});

Deno.test("createInlineEncoder measures the time on its clock", async () => {
  const clock = new VirtualClock({ lookMs: 7 });
  const result = await createInlineEncoder(clock).encode({ encoding: ENCODING, chunks: [] });
  assert.equal(result.encodeMs, 7);
});

for (const format of FORMAT_NAMES) {
  Deno.test(`an object of ${format} without rows is valid, with each compression`, async () => {
    for (const compression of compressionsOf(format)) {
      const encoding = { ...ENCODING, format, compression };
      const { bytes } = await createInlineEncoder(systemClock).encode({ encoding, chunks: [] });
      const read: ReadObject = (start, end) => Promise.resolve(bytes.slice(start, end));
      const key = `empty.${fileExtension(encoding)}`;
      const { rows, fault } = await inspectObject(key, bytes.length, read, "everything");
      assert.deepEqual({ compression, rows, fault }, { compression, rows: 0, fault: undefined });
    }
  });
}
