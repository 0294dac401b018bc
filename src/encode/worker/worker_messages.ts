import type { RowEncoding } from "../../model/settings.ts";
import type { EncodeRequest, EncodeResult, EventChunk } from "../../pipeline/ports.ts";

/**
 * What an encode worker is sent: whole objects, or one that is begun, gets its events by and by, and ends or is
 * forgotten. Whole ones may come in between; a second one is begun only when the first has been ended.
 */
export type WorkerRequest =
  | { readonly kind: "encode"; readonly request: EncodeRequest }
  | { readonly kind: "begin"; readonly encoding: RowEncoding; readonly bytesExpected: number }
  | { readonly kind: "add"; readonly chunks: readonly EventChunk[] }
  | { readonly kind: "finish"; readonly chunks: readonly EventChunk[] }
  | { readonly kind: "drop" };

/**
 * What an encode worker answers, once for each request and in their order: `encoded` to `encode` and `finish`, `done` to
 * the others. After `crashed` it is not to be trusted with another request.
 */
export type WorkerReply =
  | { readonly kind: "encoded"; readonly result: EncodeResult }
  | { readonly kind: "done" }
  | { readonly kind: "crashed"; readonly message: string };

/** The memory that moves with a request instead of being copied. */
export function requestBuffers(request: WorkerRequest): ArrayBuffer[] {
  const { chunks } = request.kind === "encode"
    ? request.request
    : "chunks" in request
    ? request
    : { chunks: [] };
  return distinct(chunks.flatMap(({ bytes, starts }) => [bytes.buffer, starts.buffer]));
}

/** The memory that moves with an answer instead of being copied. */
export function resultBuffers(result: EncodeResult): ArrayBuffer[] {
  return distinct([result.bytes.buffer, ...result.failed.map(({ event }) => event.buffer)]);
}

/** A buffer that is named twice cannot be transferred. */
function distinct(buffers: readonly ArrayBuffer[]): ArrayBuffer[] {
  return [...new Set(buffers)];
}
