/**
 * The entry of an encode worker: one request in, one answer out. It needs no permission whatsoever, so what parses
 * other people's data can open neither a file nor a socket.
 */
import { errorMessage } from "../model/errors.ts";
import type { EventChunk } from "../pipeline/stages.ts";
import { systemClock } from "../support/clock.ts";
import { encodeEvents } from "./encode_events.ts";
import { Scratch } from "./scratch.ts";
import { resultBuffers, type WorkerReply, type WorkerRequest } from "./worker_messages.ts";

/** The part of a dedicated worker's global scope that is used here; `lib` knows the main thread's only. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(reply: WorkerReply, transfer: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const scratch = new Scratch();

scope.onmessage = (event) => {
  answer(event.data).then((reply) => {
    const transfer = reply.kind === "encoded" ? resultBuffers(reply.result) : [];
    scope.postMessage(reply, transfer);
  });
};

async function answer(request: WorkerRequest): Promise<WorkerReply> {
  const startMs = systemClock.monotonicMs();
  try {
    const encoded = await encodeEvents(request, scratch, letGo);
    const encodeMs = systemClock.monotonicMs() - startMs;
    return { kind: "encoded", result: { ...encoded, encodeMs } };
  } catch (error) {
    return { kind: "crashed", message: errorMessage(error) };
  } finally {
    scratch.trim();
  }
}

/** The raw events are the larger part of what a batch holds here; the collector would free them a batch later. */
function letGo(chunk: EventChunk): void {
  chunk.bytes.buffer.transfer(0);
}
