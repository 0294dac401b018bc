import type { ClusterTime } from "../../model/cluster_time.ts";
import { callWithin } from "../../support/flow/call_within.ts";
import type { Clock } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { KnownStream } from "./known_streams.ts";

/** Asks where a stream's journal ends; undefined where it has none. */
export type PositionLookup = (key: string) => Promise<ClusterTime | undefined>;

/** Journals are asked one or two at a time, each within so long, and again after so long where that did not help. */
const LOOKUPS_IN_FLIGHT_MAX = 2;
const LOOKUP_MS_MAX = 5000;
const AGAIN_MS = 60_000;

/** So many at each look. */
const LOOKUPS_MAX = 20;

/** Finds out where streams stand that nobody has and nobody tells of: after everything was started anew, one that is paused. */
export class PositionLookups {
  readonly #lookup: PositionLookup;
  readonly #clock: Clock;
  /** When each was asked last, on the monotonic clock. */
  readonly #askedMs = new Map<string, number>();

  constructor(lookup: PositionLookup, clock: Clock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** Asks for those that are due, and tells what is found; what fails is asked again later. */
  async look(
    known: readonly KnownStream[],
    stop: AbortSignal,
    found: (key: string, position: ClusterTime) => void,
  ): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const unknown = known.filter(({ holder, times }) =>
      holder === "nobody" && times.durable === undefined
    );
    const keys = new Set(unknown.map(({ key }) => key));
    for (const key of this.#askedMs.keys()) if (!keys.has(key)) this.#askedMs.delete(key);
    const due = [...keys].filter((key) => nowMs - (this.#askedMs.get(key) ?? -Infinity) >= AGAIN_MS)
      .slice(0, LOOKUPS_MAX);
    await mapLimited(due, LOOKUPS_IN_FLIGHT_MAX, async (key) => {
      this.#askedMs.set(key, this.#clock.monotonicMs());
      try {
        const ask = () => this.#lookup(key);
        const position = await callWithin(this.#clock, LOOKUP_MS_MAX, stop, ask);
        if (position !== undefined) found(key, position);
      } catch {
        // Whoever needs it more says why.
      }
    });
  }
}
