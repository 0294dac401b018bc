import type { Budget, BudgetMember, MemoryBudget } from "./memory_budget.ts";
import { Reservation } from "./reservation.ts";
import { RoomLine } from "./room_line.ts";

/**
 * A part of a memory budget for those who come second, as snapshots do beside streams: half of it at most, and nothing while
 * one of the first waits.
 */
export class LesserBudget implements Budget {
  readonly #whole: MemoryBudget;
  readonly #members = new Set<BudgetMember>();
  readonly #line = new RoomLine({
    tryTake: (bytes) => this.#tryTake(bytes),
    lacks: (bytes) => this.#flush(bytes),
  });
  #usedBytes = 0;

  constructor(whole: MemoryBudget) {
    this.#whole = whole;
    whole.onRoom(() => this.#line.admit());
  }

  get limitBytes(): number {
    return Math.floor(this.#whole.limitBytes / 2);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get shareBytes(): number {
    return Math.floor(this.limitBytes / 2 / Math.max(1, this.#members.size));
  }

  join(member: BudgetMember): void {
    this.#members.add(member);
    this.#whole.join(member);
  }

  leave(member: BudgetMember): void {
    this.#members.delete(member);
    this.#whole.leave(member);
  }

  take(bytes: number, signal: AbortSignal): Promise<Reservation> {
    return this.#line.take(bytes, signal);
  }

  takeAtOnce(bytes: number): Reservation | undefined {
    return this.#line.takeAtOnce(bytes);
  }

  reserve(bytes: number): Reservation {
    return this.#counted(this.#whole.reserve(bytes));
  }

  #tryTake(bytes: number): Reservation | undefined {
    if (!this.#fits(bytes)) return undefined;
    const room = this.#whole.takeAtOnce(bytes);
    return room === undefined ? undefined : this.#counted(room);
  }

  /** Counts here, too, what the whole budget has given. */
  #counted(room: Reservation): Reservation {
    this.#usedBytes += room.bytes;
    return new Reservation(room.bytes, (more) => {
      this.#usedBytes += more;
      room.resize(room.bytes + more);
      if (more < 0) this.#line.admit();
    });
  }

  /** As of the whole budget: a single reply may be larger than the limit. */
  #fits(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes;
  }

  /** Of those here where their half is full, else of all. */
  #flush(bytes: number): void {
    this.#whole.flushLargest(this.#fits(bytes) ? undefined : this.#members);
  }
}
