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

  /** Whether some documents can be taken in now. */
  get isReady(): boolean {
    return this.#hands.length > 0;
  }

  /** Whether there are none, also none that waits. */
  get isEmpty(): boolean {
    return this.#hands.length === 0 && this.#held === undefined;
  }

  put({ reply, room }: HeldReply<DocumentReply>): void {
    const { starts, state } = reply;
    const count = starts.length;
    if (count === 0 && state === "more") return room.release();
    if (this.#held !== undefined) this.#hands.push(this.#held);
    this.#held = undefined;
    if (count === 0) return room.release();
    const part = (from: number, to: number) => ({ ...reply, starts: starts.subarray(from, to) });
    if (state !== "more") this.#hands.push({ reply, next: 0, room });
    else {
      if (count > 1) this.#hands.push({ reply: part(0, count - 1), next: 0 });
      this.#held = { reply: part(count - 1, count), next: 0, room };
    }
  }

  /** Gives the batch what it takes of the next documents. */
  giveTo(batcher: Batcher): void {
    const [hand] = this.#hands;
    if (hand === undefined || !batcher.add(hand)) return;
    hand.room?.release();
    this.#hands.shift();
  }

  /** Where the next document stands; undefined where none is known. */
  nextId(): string | undefined {
    const hand = this.#hands[0] ?? this.#held;
    if (hand === undefined) return undefined;
    const { reply: { bytes, starts }, next } = hand;
    readEventSpans(bytes, starts[next]!, this.#spans);
    return idBound(bytes, this.#spans.documentKeyStart);
  }

  /** Forgets what is in it. */
  drop(): void {
    for (const { room } of this.#hands) room?.release();
    this.#held?.room?.release();
    this.#hands = [];
    this.#held = undefined;
  }
}
