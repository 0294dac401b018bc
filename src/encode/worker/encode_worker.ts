/**
 * The entry of an encode worker: one answer for each request, in their order. It needs no permission whatsoever, so what
 * parses other people's data can open neither a file nor a socket.
 */
import { errorMessage } from "../../model/errors.ts";
import type { EncodeRequest, EncodeResult, EventChunk } from "../../pipeline/ports.ts";
import { systemClock } from "../../support/clock.ts";
import { DeadBuffers } from "../../support/bytes/dead_buffers.ts";
import { freeBytes } from "../../support/free_bytes.ts";
import { beginObject, encodeEvents, type ObjectInProgress } from "../encode_events.ts";
import { Scratch } from "../scratch.ts";
import { resultBuffers, type WorkerReply, type WorkerRequest } from "./worker_messages.ts";

/** The part of a dedicated worker's global scope that is used here; `lib` knows the main thread's only. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(reply: WorkerReply, transfer: ArrayBuffer[]): void;
}

const CHUNK_BYTES_UNCOLLECTED_MAX = 24 * 1024 * 1024;

const scope = globalThis as unknown as WorkerScope;
const wholeScratch = new Scratch();
/** Whole objects come while one is begun, so it has sinks of its own. */
const begunScratch = new Scratch();
/** What is compressed leaves a buffer behind for each page. */
const deadBuffers = new DeadBuffers(CHUNK_BYTES_UNCOLLECTED_MAX);
let begun: ObjectInProgress | undefined;
let begunMs = 0;
let turn = Promise.resolve();

scope.onmessage = (event) => {
  turn = turn.then(async () => {
    const reply = await answer(event.data);
    scope.postMessage(reply, reply.kind === "encoded" ? resultBuffers(reply.results) : []);
  });
};

async function answer(request: WorkerRequest): Promise<WorkerReply> {
  try {
    const results = request.kind === "encode"
      ? await encodeAll(request.requests)
      : await obey(request, systemClock.monotonicMs());
    return results === undefined ? { kind: "done" } : { kind: "encoded", results };
  } catch (error) {
    return { kind: "crashed", message: errorMessage(error) };
  }
}

async function encodeAll(requests: readonly EncodeRequest[]): Promise<EncodeResult[]> {
  const results: EncodeResult[] = [];
  for (const request of requests) {
    const startMs = systemClock.monotonicMs();
    const encoded = await encodeEvents(request, wholeScratch, letGo);
    wholeScratch.trim();
    results.push({ ...encoded, encodeMs: systemClock.monotonicMs() - startMs });
  }
  return results;
}

/** Takes a step of the object that is begun. */
async function obey(
  request: Exclude<WorkerRequest, { readonly kind: "encode" }>,
  startMs: number,
): Promise<EncodeResult[] | undefined> {
  const tookMs = () => systemClock.monotonicMs() - startMs;
  switch (request.kind) {
    case "begin":
      begun = await beginObject(request.encoding, begunScratch, request.bytesExpected, letGo);
      begunMs = tookMs();
      return undefined;
    case "add":
      await begunObject().add(request.chunks);
      begunMs += tookMs();
      return undefined;
    case "finish": {
      const object = begunObject();
      await object.add(request.chunks);
      const encoded = await object.finish();
      forgetBegun();
      return [{ ...encoded, encodeMs: begunMs + tookMs() }];
    }
    case "drop":
      begun?.drop();
      return forgetBegun();
  }
}

function begunObject(): ObjectInProgress {
  if (begun === undefined) throw new Error("Cannot add events: no object was begun");
  return begun;
}

function forgetBegun(): undefined {
  begun = undefined;
  begunScratch.trim();
}

/** The raw events are the larger part of what a batch holds here; the collector would free them a batch later. */
function letGo(chunk: EventChunk): void {
  deadBuffers.note(chunk.bytes.length);
  freeBytes(chunk.bytes);
}
