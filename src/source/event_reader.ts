import { EventSpans, readEventSpans } from "../bson/event/event_spans.ts";
import {
  comparePositions,
  compareTokens,
  type Position,
  positionAfterToken,
} from "../model/position.ts";
import { type CursorReply, toBase64 } from "./cursor_reply.ts";
import { type Events, FragmentMerger } from "./fragment_merger.ts";

/** What a reply adds to the stream. */
export interface ReadEvents extends Events {
  /** At or after the last of the events, never between the fragments of one. */
  readonly highWater: Position;
}

export interface EventReaderOptions {
  /** What is not after it is left out. */
  readonly from: Position;
  /** Whether the server splits events over 16 MB. */
  readonly mergeFragments: boolean;
}

/**
 * Turns the replies of a cursor into events and positions.
 *
 * Opening by operation time begins with the first event of that time, so the first events may be ones that lie before
 * the position the stream is to go on from. Events come in stream order: comparing stops at the first that is after it.
 */
export class EventReader {
  readonly #from: string;
  readonly #merger: FragmentMerger | undefined;
  readonly #spans = new EventSpans();
  #isPast: boolean;
  #highWater: Position;

  constructor(options: EventReaderOptions) {
    const { from, mergeFragments } = options;
    this.#from = from.data;
    this.#merger = mergeFragments ? new FragmentMerger() : undefined;
    this.#isPast = from.data === "" || from.invalidate === true;
    this.#highWater = from;
  }

  read(bytes: Uint8Array, reply: CursorReply): ReadEvents {
    const whole = this.#merger === undefined
      ? { bytes, starts: reply.starts }
      : this.#merger.merge(bytes, reply.starts);
    const starts = this.#isPast
      ? whole.starts
      : whole.starts.subarray(this.#countSeen(whole.bytes, whole.starts));
    this.#advance(whole.bytes, starts, reply.highWater);
    return { bytes: whole.bytes, starts, highWater: this.#highWater };
  }

  /** The server's own mark counts, except inside an event whose last fragments are still to come. */
  #advance(bytes: Uint8Array, starts: Uint32Array, mark: Position | undefined): void {
    const last = starts.at(-1);
    let reached: Position | undefined;
    if (mark !== undefined && !this.#merger?.isInsideEvent) reached = mark;
    else if (last !== undefined) reached = this.#positionOf(bytes, last);
    // Before the first event of its time, the mark lies before the position that we go on from.
    if (reached !== undefined && isAfter(reached, this.#highWater)) this.#highWater = reached;
  }

  #countSeen(bytes: Uint8Array, starts: Uint32Array): number {
    let count = 0;
    const decoder = new TextDecoder();
    for (const start of starts) {
      readEventSpans(bytes, start, this.#spans);
      const token = decoder.decode(bytes.subarray(this.#spans.tokenStart, this.#spans.tokenEnd));
      if (compareTokens(token, this.#from) > 0) {
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

function isAfter(a: Position, b: Position): boolean {
  return comparePositions(a, b) > 0;
}
