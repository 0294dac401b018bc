import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { idBound } from "../../bson/event/id_bound.ts";
import type { Batcher } from "../batch/batcher.ts";
import type { DocumentReply } from "../documents.ts";
import type { HeldReply } from "../read/read_ahead.ts";
import type { Reservation } from "../read/reservation.ts";

/** Documents of a reply that are being taken in. */
interface Hand {
  readonly reply: DocumentReply;
  next: number;
  /** Of the whole reply, with its last documents. */
  readonly room?: Reservation;
}

/**
 * The documents between a reader and a batch. The last one of a reply waits until there is another reply: so a chunk can end
 * at any moment before a document that is known, and nobody who needs memory waits for a server.
 */
export class DocumentQueue {
  readonly #spans = new EventSpans();
  #hands: Hand[] = [];
  #held: Hand | undefined;
  /** Where the source has come to, behind all that was put. */
  #scannedTo: string | undefined;

  /** Whether some documents can be taken in now. */
  get isReady(): boolean {
    return this.#hands.length > 0;
  }

  /** Whether there are none, also none that waits. */
  get isEmpty(): boolean {
    return this.#hands.length === 0 && this.#held === undefined;
  }

  put({ reply, room }: HeldReply<DocumentReply>): void {
    const { state, scannedTo, unreadable } = reply;
    const count = reply.starts.length;
    const isWhole = state !== "more" || scannedTo !== undefined;
    if (count === 0 && !isWhole) return room.release();
    if (this.#held !== undefined) this.#hands.push(this.#held);
    this.#held = undefined;
    this.#scannedTo = scannedTo;
    if (count === 0 && unreadable === undefined) return room.release();
    if (isWhole) this.#hands.push({ reply, next: 0, room });
    else {
      if (count > 1) this.#hands.push({ reply: partOf(reply, 0, count - 1), next: 0 });
      this.#held = { reply: partOf(reply, count - 1, count), next: 0, room };
    }
  }

  /** Gives the batch what it takes of the next documents. */
  giveTo(batcher: Batcher): void {
    const [hand] = this.#hands;
    if (hand === undefined || !batcher.add(hand)) return;
    hand.room?.release();
    this.#hands.shift();
  }

  /** Where the next document stands; undefined where none is known, and the source has not said how far it is. */
  nextId(): string | undefined {
    const hand = this.#hands[0] ?? this.#held;
    if (hand === undefined) return this.#scannedTo;
    const { reply: { bytes, starts, bounds, rows }, next } = hand;
    if (bounds !== undefined) return bounds[next];
    const start = starts[next]!;
    if (rows !== undefined) return idBound(bytes, start);
    readEventSpans(bytes, start, this.#spans);
    return idBound(bytes, this.#spans.documentKeyStart);
  }

  /** Forgets what is in it. */
  drop(): void {
    for (const { room } of this.#hands) room?.release();
    this.#held?.room?.release();
    this.#hands = [];
    this.#held = undefined;
    this.#scannedTo = undefined;
  }
}

function partOf(reply: DocumentReply, from: number, to: number): DocumentReply {
  const { starts, bounds, rows } = reply;
  return {
    ...reply,
    starts: starts.subarray(from, to),
    ...(bounds === undefined ? {} : { bounds: bounds.slice(from, to) }),
    ...(rows === undefined ? {} : { rows: { ...rows, row: rows.row + from } }),
  };
}
