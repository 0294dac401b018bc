import { EventSpans, readEventSpans } from "../bson/event_spans.ts";
import { type Position, positionAfterToken } from "../model/position.ts";
import { toBase64 } from "./cursor_reply.ts";

/** The events of a reply that are passed on. */
export interface FilteredEvents {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly highWater: Position;
}

/**
 * Leaves out the events that are not after the position a stream was opened from: opening by time begins with the
 * first event of that time.
 *
 * Events come in stream order, so comparing stops for good at the first that is after it.
 */
export class EventFilter {
  readonly #from: Uint8Array;
  readonly #spans = new EventSpans();
  #isPast: boolean;
  #highWater: Position;

  constructor(from: Position) {
    this.#from = new TextEncoder().encode(from.data);
    this.#isPast = from.data === "" || from.invalidate === true;
    this.#highWater = from;
  }

  apply(
    bytes: Uint8Array,
    starts: Uint32Array,
    postBatchResumeToken: Position | undefined,
  ): FilteredEvents {
    const kept = this.#isPast ? starts : starts.subarray(this.#countSeen(bytes, starts));
    const last = kept.at(-1);
    if (postBatchResumeToken !== undefined) this.#highWater = postBatchResumeToken;
    else if (last !== undefined) this.#highWater = this.#positionOf(bytes, last);
    return { bytes, starts: kept, highWater: this.#highWater };
  }

  #countSeen(bytes: Uint8Array, starts: Uint32Array): number {
    let count = 0;
    for (const start of starts) {
      readEventSpans(bytes, start, this.#spans);
      const { tokenStart, tokenEnd } = this.#spans;
      if (compareBytes(bytes.subarray(tokenStart, tokenEnd), this.#from) > 0) {
        this.#isPast = true;
        break;
      }
      count++;
    }
    return count;
  }

  #positionOf(bytes: Uint8Array, start: number): Position {
    readEventSpans(bytes, start, this.#spans);
    const { tokenStart, tokenEnd, typeBitsStart, typeBitsEnd } = this.#spans;
    const data = new TextDecoder().decode(bytes.subarray(tokenStart, tokenEnd));
    if (typeBitsStart < 0) return positionAfterToken(data);
    return positionAfterToken(data, toBase64(bytes.subarray(typeBitsStart, typeBitsEnd)));
  }
}

/** Hexadecimal digits are ASCII, so the order of bytes is that of the strings. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
