import type { Budget, BudgetMember, MemoryBudget } from "./memory_budget.ts";
import { Reservation } from "./reservation.ts";

interface Waiter {
  readonly bytes: number;
  readonly admit: (room: Reservation) => void;
}

/**
 * A part of a memory budget for those who come second, as snapshots do beside streams: half of it at most, and nothing while
 * one of the first waits.
 */
export class LesserBudget implements Budget {
  readonly #whole: MemoryBudget;
  readonly #members = new Set<BudgetMember>();
  readonly #waiters: Waiter[] = [];
  #usedBytes = 0;

  constructor(whole: MemoryBudget) {
    this.#whole = whole;
    whole.onRoom(() => this.#admitWaiters());
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
    const taken = this.takeAtOnce(bytes);
    if (taken !== undefined) return Promise.resolve(taken);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
        this.#admitWaiters();
      };
      const waiter: Waiter = {
        bytes,
        admit: (room) => {
          signal.removeEventListener("abort", onAbort);
          resolve(room);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#flush(bytes);
    });
  }

  takeAtOnce(bytes: number): Reservation | undefined {
    return this.#waiters.length > 0 ? undefined : this.#tryTake(bytes);
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
      if (more < 0) this.#admitWaiters();
    });
  }

  /** As of the whole budget: a single reply may be larger than the limit. */
  #fits(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes;
  }

  #admitWaiters(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      const room = this.#tryTake(first.bytes);
      if (room === undefined) return this.#flush(first.bytes);
      this.#waiters.shift();
      first.admit(room);
    }
  }

  /** Of those here where their half is full, else of all. */
  #flush(bytes: number): void {
    this.#whole.flushLargest(this.#fits(bytes) ? undefined : this.#members);
  }
}
