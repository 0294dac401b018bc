import type { RowEncoding } from "../../model/settings.ts";
import type { EncodeRequest, EncodeResult, EventChunk } from "../../pipeline/ports.ts";

/**
 * What an encode worker is sent: whole objects, of one batch where there are several, or one that is begun, gets its events by and by, and ends or is
 * forgotten. Whole ones may come in between; a second one is begun only when the first has been ended.
 */
export type WorkerRequest =
  | { readonly kind: "encode"; readonly requests: readonly EncodeRequest[] }
  | { readonly kind: "begin"; readonly encoding: RowEncoding; readonly bytesExpected: number }
  | { readonly kind: "add"; readonly chunks: readonly EventChunk[] }
  | { readonly kind: "finish"; readonly chunks: readonly EventChunk[] }
  | { readonly kind: "drop" };

/**
 * What an encode worker answers, once for each request and in their order: `encoded` to `encode` and `finish`, with a
 * result for each object, `done` to the others. After `crashed` it is not to be trusted with another request.
 */
export type WorkerReply =
  | { readonly kind: "encoded"; readonly results: readonly EncodeResult[] }
  | { readonly kind: "done" }
  | { readonly kind: "crashed"; readonly message: string };

/** The memory that moves with a request instead of being copied. */
export function requestBuffers(request: WorkerRequest): ArrayBuffer[] {
  const chunks = request.kind === "encode"
    ? request.requests.flatMap((each) => each.chunks)
    : "chunks" in request
    ? request.chunks
    : [];
  return distinct(chunks.flatMap(({ bytes, starts }) => [bytes.buffer, starts.buffer]));
}

/** The memory that moves with an answer instead of being copied. */
export function resultBuffers(results: readonly EncodeResult[]): ArrayBuffer[] {
  return distinct(
    results.flatMap(({ bytes, failed }) => [
      bytes.buffer,
      ...failed.map(({ event }) => event.buffer),
    ]),
  );
}

/** A buffer that is named twice cannot be transferred. */
function distinct(buffers: readonly ArrayBuffer[]): ArrayBuffer[] {
  return [...new Set(buffers)];
}
