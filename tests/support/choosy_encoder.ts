import { BSON } from "bson";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import type { Encoder, EncodeRequest, EventChunk, FailedEvent } from "../../src/pipeline/stages.ts";
import type { Clock } from "../../src/support/clock.ts";

/** What an event's document is, as `LakeWorld.insert` makes it. */
interface Numbered {
  readonly fullDocument?: { readonly number?: number };
}

/** An encoder that can make no rows of events with certain numbers, as an earlier version could not of some. */
export function choosyEncoder(
  clock: Clock,
  isRefused: (number: number) => boolean,
  reason = "Cannot write number: it is odd",
): Encoder {
  const inner = createInlineEncoder(clock);
  return {
    async encode(request) {
      const { chunks, failed } = sift(request, isRefused, reason);
      const encoded = await inner.encode({ ...request, chunks });
      return { ...encoded, failed };
    },
  };
}

function sift(
  { chunks }: EncodeRequest,
  isRefused: (number: number) => boolean,
  reason: string,
): { chunks: EventChunk[]; failed: FailedEvent[] } {
  const failed: FailedEvent[] = [];
  let index = 0;
  const kept = chunks.map(({ bytes, starts }) => ({
    bytes,
    starts: starts.filter((start) => {
      const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(start, true);
      const event = bytes.slice(start, start + size);
      const { fullDocument } = BSON.deserialize(event) as Numbered;
      const at = index++;
      if (!isRefused(fullDocument?.number ?? 0)) return true;
      failed.push({ index: at, event, reason });
      return false;
    }),
  }));
  return { chunks: kept, failed };
}
