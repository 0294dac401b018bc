import type { EncodeRequest, EncodeResult } from "../pipeline/stages.ts";

/** What an encode worker is sent: one request, and no other before its answer. */
export type WorkerRequest = EncodeRequest;

/** What an encode worker answers. After `crashed` it is not to be trusted with another request. */
export type WorkerReply =
  | { readonly kind: "encoded"; readonly result: EncodeResult }
  | { readonly kind: "crashed"; readonly message: string };

/** The memory that moves with a request instead of being copied. */
export function requestBuffers(request: EncodeRequest): ArrayBuffer[] {
  return distinct(request.chunks.flatMap(({ bytes, starts }) => [bytes.buffer, starts.buffer]));
}

/** The memory that moves with an answer instead of being copied. */
export function resultBuffers(result: EncodeResult): ArrayBuffer[] {
  return distinct([result.bytes.buffer, ...result.failed.map(({ event }) => event.buffer)]);
}

/** A buffer that is named twice cannot be transferred. */
function distinct(buffers: readonly ArrayBuffer[]): ArrayBuffer[] {
  return [...new Set(buffers)];
}
