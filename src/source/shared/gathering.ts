import type { Clock } from "../../support/clock.ts";

/** One that comes alone waits so long for others. */
export const GATHER_MS = 200;

/** Where several come, more follow: journals are opened some at a time. So long nobody must come then, and so long all wait. */
const GATHER_MANY_MS = 1_000;
const GATHER_MS_MAX = 10_000;

/** Those who are about to join a group: what it has read already is read again for each time that some do. */
export class Gathering {
  readonly #clock: Clock;
  #sinceMs: number | undefined;
  #joinedMs = -Infinity;
  #joined = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many have come. */
  note(members: number): void {
    this.#joined += members;
    this.#joinedMs = this.#clock.monotonicMs();
    this.#sinceMs ??= this.#joinedMs;
  }

  /** Whether more are probably about to come. */
  get isUnderWay(): boolean {
    if (this.#sinceMs === undefined) return false;
    const nowMs = this.#clock.monotonicMs();
    const quietMs = this.#joined > 1 ? GATHER_MANY_MS : GATHER_MS;
    return nowMs - this.#joinedMs < quietMs && nowMs - this.#sinceMs < GATHER_MS_MAX;
  }

  end(): void {
    this.#sinceMs = undefined;
    this.#joined = 0;
  }
}
