import assert from "node:assert/strict";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
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
