import { Reservation } from "./reservation.ts";
import { RoomLine } from "./room_line.ts";

/** A stream as the budget sees it. */
export interface BudgetMember {
  /** Bytes of events in its open batch: what a flush would set free in time. */
  openBatchBytes(): number;
  /** Asks it to cut its open batch soon. */
  flush(): void;
}

/** A limit on bytes, as its members see it. */
export interface Budget {
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** What one that is not busy may ask for: all of them together leave half to those that are. */
  readonly shareBytes: number;
  join(member: BudgetMember): void;
  leave(member: BudgetMember): void;
  /** Takes bytes, waiting in line until they are free. Rejects with the signal's reason when it is aborted. */
  take(bytes: number, signal: AbortSignal): Promise<Reservation>;
  /** Takes bytes if they are free and nobody waits for some; undefined, and nothing taken, if not. */
  takeAtOnce(bytes: number): Reservation | undefined;
  /** Takes bytes without waiting, free or not. Every reservation must be released by whoever has it last. */
  reserve(bytes: number): Reservation;
}

/**
 * One limit on the bytes of events held by all streams: read and not yet handled, batched, being encoded, encoded and
 * not yet stored. A full budget makes reading wait, and the largest open batch is flushed first. What a reply turns
 * out to be bigger than expected is added without waiting, so the limit can be passed by one reply a stream.
 */
export class MemoryBudget implements Budget {
  readonly limitBytes: number;
  readonly #members = new Set<BudgetMember>();
  readonly #line: RoomLine;
  readonly #roomListeners: (() => void)[] = [];
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
    this.#line = new RoomLine({
      tryTake: (bytes) => this.#fits(bytes) ? this.reserve(bytes) : undefined,
      lacks: () => this.flushLargest(),
      spare: () => this.#roomListeners.forEach((listener) => listener()),
    });
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get shareBytes(): number {
    return Math.floor(this.limitBytes / 2 / Math.max(1, this.#members.size));
  }

  join(member: BudgetMember): void {
    this.#members.add(member);
  }

  leave(member: BudgetMember): void {
    this.#members.delete(member);
  }

  take(bytes: number, signal: AbortSignal): Promise<Reservation> {
    return this.#line.take(bytes, signal);
  }

  takeAtOnce(bytes: number): Reservation | undefined {
    return this.#line.takeAtOnce(bytes);
  }

  /** Told when bytes are free that nobody waits for. */
  onRoom(listener: () => void): void {
    this.#roomListeners.push(listener);
  }

  reserve(bytes: number): Reservation {
    this.#usedBytes += bytes;
    return new Reservation(bytes, (more) => this.#adjust(more));
  }

  #adjust(bytes: number): void {
    this.#usedBytes += bytes;
    if (bytes < 0) this.#line.admit();
  }

  /** An empty budget admits anything: a single reply may be larger than the limit. */
  #fits(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes;
  }

  /** Asks the one with the largest open batch, of some or of all, to cut it soon. */
  flushLargest(members: Iterable<BudgetMember> = this.#members): void {
    let largest: BudgetMember | undefined;
    let bytesMax = 0;
    for (const member of members) {
      const bytes = member.openBatchBytes();
      if (bytes > bytesMax) {
        bytesMax = bytes;
        largest = member;
      }
    }
    largest?.flush();
  }
}
