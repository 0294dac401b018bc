import assert from "node:assert/strict";
import { startEncodeWorker } from "../../../../src/encode/worker/start_worker.ts";
import {
  requestBuffers,
  type WorkerReply,
  type WorkerRequest,
} from "../../../../src/encode/worker/worker_messages.ts";
import { chunkOf, sampleEvent } from "../../../contract/encoder_events.ts";

const ENCODING = { format: "parquet", compression: "zstd", jsonMode: "relaxed" } as const;

async function ask(worker: Worker, request: WorkerRequest): Promise<WorkerReply> {
  const reply = new Promise<WorkerReply>((resolve) => {
    worker.onmessage = (event) => resolve(event.data);
  });
  worker.postMessage(request, requestBuffers(request));
  return await reply;
}

Deno.test("encode_worker answers each request, also after one it cannot make sense of", async () => {
  const worker = startEncodeWorker();
  try {
    const request = (i: number): WorkerRequest => ({
      kind: "encode",
      requests: [{ encoding: ENCODING, chunks: [chunkOf([sampleEvent(i).bson])] }],
    });
    const first = await ask(worker, request(0));
    assert.equal(first.kind === "encoded" && first.results[0]!.rows, 1);
    const unknown = { encoding: { ...ENCODING, format: "orc" }, chunks: [] };
    const crashed = await ask(
      worker,
      { kind: "encode", requests: [unknown] } as unknown as WorkerRequest,
    );
    assert.equal(crashed.kind, "crashed");
    const again = await ask(worker, request(0));
    assert.ok(first.kind === "encoded" && again.kind === "encoded");
    assert.deepEqual(again.results[0]!.bytes, first.results[0]!.bytes);
  } finally {
    worker.terminate();
  }
});
