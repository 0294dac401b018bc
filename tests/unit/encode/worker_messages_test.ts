import assert from "node:assert/strict";
import { requestBuffers, resultBuffers } from "../../../src/encode/worker_messages.ts";
import { chunkOf, sampleEvent } from "../../contract/encoder_events.ts";

const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;

Deno.test("requestBuffers names each buffer once, also one that two chunks share", () => {
  const chunk = chunkOf([sampleEvent(0).bson]);
  const buffers = requestBuffers({ encoding: ENCODING, chunks: [chunk, { ...chunk }] });
  assert.deepEqual(buffers, [chunk.bytes.buffer, chunk.starts.buffer]);
});

Deno.test("resultBuffers names the object's and those of failed events", () => {
  const bytes = new Uint8Array(3);
  const event = new Uint8Array(4);
  const failed = [{ index: 0, event, reason: "" }, { index: 1, event, reason: "" }];
  const buffers = resultBuffers({ bytes, rows: 0, operations: {}, failed, encodeMs: 0 });
  assert.deepEqual(buffers, [bytes.buffer, event.buffer]);
});
