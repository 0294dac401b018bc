import { setImmediate } from "node:timers";
import type { Clock, Timer } from "../../src/support/clock.ts";

/** Saturday, 2026-11-21 00:00 UTC. */
const WALL_MS_FIRST = 1_795_219_200_000;

/** So often nobody looks at a clock that stands still, unless a loop turns without ever waiting. */
const READS_A_TURN_MAX = 100_000;

interface PendingTimer {
  readonly dueMs: number;
  /** Timers of one moment run in the order they were set. */
  readonly order: number;
  readonly action: () => void;
}

/** How a clock begins that is not as most. */
export interface VirtualTime {
  readonly wallMs?: number;
  readonly monotonicMs?: number;
  /** So much time passes whenever somebody looks at the monotonic clock. */
  readonly lookMs?: number;
  /** So much too late is each timer, as on a loaded machine. */
  readonly lateMs?: number;
}

/**
 * The one clock that tests move. Time that stands still until a test moves it. Between two timers everything that needs
 * no time is carried through, so a run is the same each time, however fast the machine is.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Set<PendingTimer>();
  readonly #lookMs: number;
  readonly #lateMs: number;
  #nowMs: number;
  #wallAheadMs: number;
  #order = 0;
  #reads = 0;

  constructor({ monotonicMs = 0, wallMs, lookMs = 0, lateMs = 0 }: VirtualTime = {}) {
    this.#nowMs = monotonicMs;
    this.#wallAheadMs = wallMs === undefined ? WALL_MS_FIRST : wallMs - monotonicMs;
    this.#lookMs = lookMs;
    this.#lateMs = lateMs;
  }

  /** @throws {Error} if a loop asks again and again without letting anything else happen. */
  monotonicMs(): number {
    if (++this.#reads > READS_A_TURN_MAX) throw new Error("A loop turns without waiting");
    return this.#nowMs += this.#lookMs;
  }

  wallMs(): number {
    return this.#wallAheadMs + this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const dueMs = this.#nowMs + Math.max(0, delayMs) + this.#lateMs;
    const timer = { dueMs, order: this.#order++, action };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Timers that are set and have not run. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** In how many milliseconds they come due, in the order in which they were set. */
  get timersInMs(): number[] {
    return [...this.#timers].map(({ dueMs }) => dueMs - this.#nowMs);
  }

  /** Sets the wall clock forward, or back where negative; the monotonic clock does not notice. */
  stepWall(ms: number): void {
    this.#wallAheadMs += ms;
  }

  /** Lets everything happen that waits for no timer. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#reads = 0;
  }

  /** Moves time on, running the timers that come due on the way in order. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    for (let timer = this.#first(); timer !== undefined && timer.dueMs <= endMs;) {
      this.#run(timer);
      await this.settle();
      timer = this.#first();
    }
    this.#nowMs = endMs;
  }

  /**
   * Moves time on from timer to timer until the condition holds.
   *
   * @throws {Error} if it does not within `limitMs`, or nothing is left that could make it.
   */
  async until(condition: () => boolean, limitMs = 600_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!condition()) {
      const timer = this.#first();
      if (timer === undefined) throw new Error("The condition cannot come true: no timer is set");
      if (timer.dueMs > endMs) {
        throw new Error(`The condition did not come true within ${limitMs} ms of virtual time`);
      }
      this.#run(timer);
      await this.settle();
    }
  }

  /** The promise's outcome, moving time on as far as it needs. */
  async finish<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const done = () => settled = true;
    promise.then(done, done);
    await this.until(() => settled, limitMs);
    return await promise;
  }

  #first(): PendingTimer | undefined {
    let first: PendingTimer | undefined;
    for (const timer of this.#timers) {
      const earlier = first === undefined || timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order);
      if (earlier) first = timer;
    }
    return first;
  }

  #run(timer: PendingTimer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.action();
  }
}
