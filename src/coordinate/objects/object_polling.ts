import type { Clock } from "../../support/clock.ts";
import type { Poll } from "../fleet.ts";
import type { ObjectFleetTiming } from "./object_fleet.ts";

/** Often while something happens, but not more often than that. */
const QUICK_MS_MAX = 1000;

const FREE_MS = 50;

/** So many refreshes after the last change it is quiet. */
const QUIET_REFRESHES = 3;

/** What may be shared of answers where each request costs money: one write and one list a refresh, and a few reads. */
export function sparingTiming(refreshMs: number): ObjectFleetTiming {
  return {
    lookMs: Math.min(QUICK_MS_MAX, refreshMs / 4),
    beatMs: refreshMs / 2,
    // A little less, or every second one would come a whole turn late.
    listMs: refreshMs * 0.9,
    readMs: refreshMs * QUIET_REFRESHES,
  };
}

/** Where requests cost nothing: what is done together is still shared. */
export function freeTiming(refreshMs: number): ObjectFleetTiming {
  return { lookMs: FREE_MS, beatMs: refreshMs / 2, listMs: FREE_MS, readMs: FREE_MS };
}

/** Asks soon after a change, and rarely while nothing changes; always several times in a third of the TTL. */
export class SparingPoll implements Poll {
  readonly #refreshMs: number;
  readonly #clock: Clock;
  #seen: string | undefined;
  #changedMs: number;

  constructor(refreshMs: number, clock: Clock) {
    this.#refreshMs = refreshMs;
    this.#clock = clock;
    this.#changedMs = clock.monotonicMs();
  }

  /** Told of each answer to whether there are changes. */
  see(changes: string): void {
    if (changes !== this.#seen) this.#changedMs = this.#clock.monotonicMs();
    this.#seen = changes;
  }

  get changesMs(): number {
    const quietMs = this.#clock.monotonicMs() - this.#changedMs;
    return quietMs < this.#refreshMs * QUIET_REFRESHES ? this.handOverMs : this.#refreshMs / 2;
  }

  get handOverMs(): number {
    return quickMs(this.#refreshMs);
  }

  get leaseMs(): number {
    return this.#refreshMs / 2;
  }

  /** What is seen may be a list and a refresh old; somebody who missed two reports counts as silent. */
  get viewMs(): number {
    return this.#refreshMs * 1.5;
  }
}

function quickMs(refreshMs: number): number {
  return Math.min(QUICK_MS_MAX, refreshMs / 10);
}
