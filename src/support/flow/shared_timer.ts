import type { Clock, Timer } from "../clock.ts";

/**
 * One timer for many things that are each due at a time of their own: thousands of timers would cost more than what they
 * are for. Those that are due within `earlyMs` of the first are taken along, so they are due together from then on.
 */
export class SharedTimer<T> {
  readonly #clock: Clock;
  readonly #action: (due: readonly T[]) => void;
  readonly #earlyMs: number;
  readonly #dueMs = new Map<T, number>();
  #timer: Timer | undefined;
  #atMs = Infinity;

  constructor(clock: Clock, action: (due: readonly T[]) => void, earlyMs = 0) {
    this.#clock = clock;
    this.#action = action;
    this.#earlyMs = earlyMs;
  }

  /** Due after `delayMs`, once, whatever was set before. */
  set(item: T, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    this.#dueMs.set(item, dueMs);
    if (dueMs < this.#atMs) this.#arm(dueMs);
  }

  delete(item: T): void {
    this.#dueMs.delete(item);
    if (this.#dueMs.size === 0) this.#disarm();
  }

  #arm(dueMs: number): void {
    this.#disarm();
    this.#atMs = dueMs;
    this.#timer = this.#clock.after(dueMs - this.#clock.monotonicMs(), () => this.#ring());
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#atMs = Infinity;
  }

  #ring(): void {
    // The platform's timers may go off a little early; what is due by the timer is due.
    const untilMs = Math.max(this.#clock.monotonicMs(), this.#atMs) + this.#earlyMs;
    const due: T[] = [];
    let nextMs = Infinity;
    this.#dueMs.forEach((dueMs, item) => {
      if (dueMs <= untilMs) due.push(item);
      else nextMs = Math.min(nextMs, dueMs);
    });
    for (const item of due) this.#dueMs.delete(item);
    this.#disarm();
    if (nextMs < Infinity) this.#arm(nextMs);
    if (due.length > 0) this.#action(due);
  }
}
