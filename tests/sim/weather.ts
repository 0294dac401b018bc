import type { SeededRandom } from "../support/seeded_random.ts";
import type { Fault, OutsideCall, Service, Weather } from "./boundary.ts";

/** How often what goes wrong. */
export interface Climate {
  /** The part of calls that meet a fault. */
  readonly faults: number;
  readonly kinds: readonly Fault["kind"][];
  /** The part of calls that are slow. */
  readonly slow: number;
  /** The part of faults with which a storm begins: for a while most calls of that instance to that service fail. */
  readonly storms: number;
}

const USUAL_MS_MAX = 20;
const SLOW_MS_MAX = 8000;
const LATE_MS = [300, 3000, 20_000] as const;
const STORM_MS = [500, 2000, 15_000] as const;
const STORM_FAULTS = 0.7;

/** Weather from a seed, which can be cleared. */
export class SeededWeather implements Weather {
  readonly #random: SeededRandom;
  readonly #climate: Climate;
  readonly #outages: ReadonlySet<Service>;
  readonly #nowMs: () => number;
  readonly #stormsUntilMs = new Map<Service, number>();
  readonly cuts = new Set<Service>();
  isCalm = false;

  constructor(
    random: SeededRandom,
    climate: Climate,
    outages: ReadonlySet<Service>,
    nowMs: () => number,
  ) {
    this.#nowMs = nowMs;
    this.#random = random;
    this.#climate = climate;
    this.#outages = outages;
  }

  fault({ service, method }: OutsideCall): Fault | undefined {
    const { faults, kinds, storms } = this.#climate;
    if (this.isCalm || kinds.length === 0) return undefined;
    const isStorm = (this.#stormsUntilMs.get(service) ?? 0) > this.#nowMs();
    if (!this.#random.chance(isStorm ? STORM_FAULTS : faults)) return undefined;
    if (!isStorm && this.#random.chance(storms)) {
      this.#stormsUntilMs.set(service, this.#nowMs() + this.#random.pick(STORM_MS));
    }
    const kind = this.#random.pick(kinds);
    const when = this.#random.pick(["before", "after"] as const);
    switch (kind) {
      case "crash":
        // Nobody crashes twice a second.
        return isStorm ? { kind: "error", when } : { kind, when };
      case "error":
        return { kind, when };
      case "late":
        // What only looks has no effect that could be late.
        if (!["put", "take", "refresh", "release", "save"].includes(method)) return undefined;
        return { kind, lateMs: this.#random.below(this.#random.pick(LATE_MS)) };
      case "refused":
        return { kind };
    }
  }

  delayMs(_: OutsideCall): number {
    if (this.isCalm) return 1;
    if (this.#random.chance(this.#climate.slow)) return this.#random.below(SLOW_MS_MAX);
    return this.#random.below(USUAL_MS_MAX);
  }

  isCut(service: Service): boolean {
    return this.cuts.has(service) || this.#outages.has(service);
  }
}
