import type { Clock } from "../../support/clock.ts";

/** Who is awake looks at it more often. */
const ASLEEP_MS_MIN = 5000;

/** So long after it what is left of connections of before fails, and is asked for anew. */
const WAKING_MS = 3000;

/**
 * Whether this process has just slept: it was stopped, or its machine was. What breaks then says nothing about a service,
 * for nobody here could listen to it.
 */
export class Waking {
  readonly #clock: Clock;
  #looked: Reading;
  #wokeMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#looked = readingOf(clock);
  }

  /** To be asked again and again: a long time between two questions was sleep. */
  isWaking(): boolean {
    const before = this.#looked;
    const now = readingOf(this.#clock);
    this.#looked = now;
    // The monotonic clock stands still while the machine is suspended.
    const sleptMs = Math.max(now.monotonicMs - before.monotonicMs, now.wallMs - before.wallMs);
    if (sleptMs >= ASLEEP_MS_MIN) this.#wokeMs = now.monotonicMs;
    return now.monotonicMs - this.#wokeMs < WAKING_MS;
  }
}

interface Reading {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

function readingOf(clock: Clock): Reading {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}
