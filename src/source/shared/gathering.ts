import type { Clock } from "../../support/clock.ts";

/** So long nobody else must come, and so long they are waited for altogether. */
export const GATHER_MS = 200;
const GATHER_MS_MAX = 5_000;

/** Those who are about to join a group: what it has read already is read again for each time that some do. */
export class Gathering {
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #joinedMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody has come. */
  note(): void {
    this.#joinedMs = this.#clock.monotonicMs();
    this.#sinceMs ??= this.#joinedMs;
  }

  /** Whether more are probably about to come. */
  get isUnderWay(): boolean {
    if (this.#sinceMs === undefined) return false;
    const nowMs = this.#clock.monotonicMs();
    return nowMs - this.#joinedMs < GATHER_MS && nowMs - this.#sinceMs < GATHER_MS_MAX;
  }

  end(): void {
    this.#sinceMs = undefined;
  }
}
