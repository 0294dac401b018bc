import type { FleetView, InstanceView, StreamView } from "../../coordinate/fleet_view.ts";
import type { InstanceNews } from "../../coordinate/news.ts";
import type { Clock } from "../../support/clock.ts";
import { callWithin } from "../../support/flow/call_within.ts";
import type { FleetSource } from "./fleet.ts";
import { type FleetFacts, withoutRanges } from "./known_streams.ts";
import { SAMPLE_MS } from "./rate_history.ts";

/** What an instance tells of itself, but for what stands on every report. */
export type OwnNews = Omit<InstanceNews, "owner" | "everyMs">;

/** So long the fleet's view may take; then the last one is shown on. */
const FLEET_TIMEOUT_MS = 3000;

/** So many reports of the others must have been due before it is believed that they did not come. */
const REPORTS_DUE = 2;

/** Beyond the end of its lease, news are kept until so many reports have failed to come. */
const REPORTS_KEPT = 6;

/** Tells the others of this instance, and keeps what they tell; where there is no view to be had, the last one grows old. */
export class FleetLook {
  readonly #source: FleetSource;
  readonly #everyMs: number;
  /** What is told is kept until nobody is listed any more who has fallen silent. */
  readonly #keptMs: number;
  readonly #clock: Clock;
  #facts: FleetFacts | undefined;
  #isBlind = false;
  /** Since when the others can be heard again. */
  #hearsSinceMs = -Infinity;

  constructor(source: FleetSource, leaseTtlMs: number, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
    this.#everyMs = Math.max(SAMPLE_MS, source.everyMs ?? 0);
    this.#keptMs = leaseTtlMs + REPORTS_KEPT * this.#everyMs;
  }

  get facts(): FleetFacts | undefined {
    return this.#facts;
  }

  /** Whether a look is due; where each costs money it is not at each sample. */
  get isDue(): boolean {
    const ageMs = this.#clock.monotonicMs() - (this.#facts?.takenMs ?? -Infinity);
    return this.#everyMs <= SAMPLE_MS || ageMs >= this.#everyMs - SAMPLE_MS / 2;
  }

  /** Rejects where nobody answers. */
  async look(newsNow: () => OwnNews, stop: AbortSignal): Promise<void> {
    const ask = async (signal: AbortSignal) => {
      await this.#source.tell({ everyMs: this.#everyMs, ...newsNow() }, this.#keptMs);
      return await this.#source.view(signal);
    };
    try {
      const seen = await callWithin(this.#clock, FLEET_TIMEOUT_MS, stop, ask);
      const view = withoutRanges(seen);
      const takenMs = this.#clock.monotonicMs();
      if (this.#isBlind) this.#hearsSinceMs = takenMs;
      this.#isBlind = false;
      // While nothing could be told, nobody was silent.
      const couldTell = takenMs - this.#hearsSinceMs >= REPORTS_DUE * this.#everyMs;
      const believed = couldTell ? view : withoutSilence(view);
      this.#facts = { view: believed, atMs: this.#clock.wallMs(), takenMs };
    } catch (error) {
      this.#isBlind = true;
      throw error;
    }
  }
}

function withoutSilence({ instances, streams, ...rest }: FleetView): FleetView {
  return {
    ...rest,
    instances: instances.map(({ silence: _, ...each }): InstanceView => each),
    streams: streams.map(({ silentMs: _, ...each }): StreamView => each),
  };
}
