import assert from "node:assert/strict";
import { requestBuffers, resultBuffers } from "../../../../src/encode/worker/worker_messages.ts";
import { chunkOf, sampleEvent } from "../../../contract/encoder_events.ts";

Deno.test("requestBuffers names each buffer once, also one that two chunks share", () => {
  const chunk = chunkOf([sampleEvent(0).bson]);
  const chunks = [chunk, { ...chunk }];
  const buffers = [chunk.bytes.buffer, chunk.starts.buffer];
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  const other = chunkOf([sampleEvent(1).bson]);
  const requests = [{ encoding, chunks }, { encoding, chunks: [other] }];
  const all = [...buffers, other.bytes.buffer, other.starts.buffer];
  assert.deepEqual(requestBuffers({ kind: "encode", requests }), all);
  assert.deepEqual(requestBuffers({ kind: "add", chunks }), buffers);
  assert.deepEqual(requestBuffers({ kind: "finish", chunks }), buffers);
  assert.deepEqual(requestBuffers({ kind: "drop" }), []);
});

Deno.test("resultBuffers names the objects' and those of failed events", () => {
  const bytes = new Uint8Array(3);
  const second = new Uint8Array(5);
  const event = new Uint8Array(4);
  const failed = [{ index: 0, event, reason: "" }, { index: 1, event, reason: "" }];
  const buffers = resultBuffers([
    { bytes, rows: 0, operations: {}, failed, encodeMs: 0 },
    { bytes: second, rows: 0, operations: {}, failed: [], encodeMs: 0 },
  ]);
  assert.deepEqual(buffers, [bytes.buffer, event.buffer, second.buffer]);
});
