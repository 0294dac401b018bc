import type { SeededRandom } from "../support/seeded_random.ts";
import type { Fault, OutsideCall, Service, Way, Weather } from "./boundary.ts";

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
const STORM_MS = [600, 2500, 15_000] as const;
const BURDEN_MS = 2500;
const STORM_FAULTS = 0.8;
const CRASHES = 0.07;
const REFUSALS = 0.1;
const MUTED_MS = 700;
const GHOST_MS_MAX = 2500;
const JAM_LAYOUTS_MS = 1500;
const WRITES: readonly string[] = ["put", "take", "refresh", "release", "save"];

const CHUNK_OBJECT = /(^|\/)snapshot\.[^/]*\.jsonl$/;

interface Storm {
  readonly untilMs: number;
  /** Only what changes something fails, as where a service is short of capacity. */
  readonly spareReads: boolean;
}

/** Weather from a seed, which can be cleared. */
export class SeededWeather implements Weather {
  readonly #random: SeededRandom;
  readonly #climate: Climate;
  readonly #outages: ReadonlySet<Service>;
  readonly #nowMs: () => number;
  readonly #storms = new Map<Service, Storm>();
  readonly cuts = new Set<Service>();
  /** Services that hear nothing from here, but can still answer. */
  readonly mute = new Set<Service>();
  /** How long answers of a service take now, where they take longer than usual. */
  readonly slowness = new Map<Service, number>();
  /** What keys of records begin with that come through slowly. */
  readonly burdens = new Set<string>();
  /** What becomes of the next object of a chunk that is put. */
  chunkFault: Fault | undefined;
  /** How late leases are given back now, where they are given back late; they are not refreshed then. */
  lateReleaseMs: number | undefined;
  /** Until when objects are held up, which then fail; the layouts that are read in its last part are read after that. */
  jam: { readonly untilMs: number } | undefined;
  isCalm = false;
  #isHaunted = false;
  #mutedUntilMs = -Infinity;

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

  /** The next record that is appended comes late, and nothing else is written for a moment. */
  haunt(): void {
    this.#isHaunted = true;
  }

  fault(call: OutsideCall): Fault | undefined {
    const { service, method } = call;
    const { faults, kinds, storms } = this.#climate;
    const met = this.#ghost(call) ?? this.#takeChunkFault(call) ?? this.#meet(call);
    if (met !== undefined) return met;
    if (this.isCalm || kinds.length === 0) return undefined;
    const isWrite = WRITES.includes(method);
    const storm = this.#storms.get(service);
    const isStorm = storm !== undefined && storm.untilMs > this.#nowMs() &&
      (isWrite || !storm.spareReads);
    if (!this.#random.chance(isStorm ? STORM_FAULTS : faults)) return undefined;
    if (!isStorm && this.#random.chance(storms)) {
      const untilMs = this.#nowMs() + this.#random.pick(STORM_MS);
      this.#storms.set(service, { untilMs, spareReads: this.#random.chance(0.5) });
    }
    const kind = this.#random.pick(kinds);
    const when = this.#random.pick(["before", "after"] as const);
    switch (kind) {
      case "crash":
        // Nobody crashes at every fiftieth call: little would ever happen.
        return this.#random.chance(isStorm ? 0 : CRASHES) ? { kind, when } : undefined;
      case "error":
        return { kind, when };
      case "late":
        // What only looks has no effect that could be late.
        if (!isWrite) return undefined;
        return { kind, lateMs: this.#random.below(this.#random.pick(LATE_MS)) };
      case "refused":
        return this.#random.chance(REFUSALS) ? { kind } : undefined;
    }
  }

  #takeChunkFault({ method, subject }: OutsideCall): Fault | undefined {
    if (this.isCalm || method !== "put" || !CHUNK_OBJECT.test(subject)) return undefined;
    const fault = this.chunkFault;
    this.chunkFault = undefined;
    return fault;
  }

  #meet({ service, method, subject }: OutsideCall): Fault | undefined {
    if (this.isCalm) return undefined;
    const { lateReleaseMs: lateMs } = this;
    if (service === "redis" && lateMs !== undefined) {
      if (method === "refresh") return { kind: "error", when: "before" };
      if (method === "release") return { kind: "late", lateMs };
    }
    const isJammed = this.jam !== undefined && method === "put" &&
      !subject.startsWith("_tributary/");
    return isJammed ? { kind: "error", when: "before" } : undefined;
  }

  /** How long a call is held up in a jam. */
  #jamMs({ method, subject }: OutsideCall): number {
    if (this.jam === undefined) return 0;
    const leftMs = Math.max(0, this.jam.untilMs - this.#nowMs());
    if (method === "put" && !subject.startsWith("_tributary/")) return leftMs;
    const isLayout = method === "get" && subject.startsWith("_tributary/layout/");
    const isLate = isLayout && leftMs > 0 && leftMs < JAM_LAYOUTS_MS;
    return isLate ? leftMs + JAM_LAYOUTS_MS : 0;
  }

  #ghost({ service, method, subject }: OutsideCall): Fault | undefined {
    if (this.isCalm || !(service === "lake" || service === "objects") || method !== "put") {
      return undefined;
    }
    if (this.#nowMs() < this.#mutedUntilMs) return { kind: "error", when: "before" };
    if (!this.#isHaunted || !subject.startsWith("_tributary/streams/")) return undefined;
    this.#isHaunted = false;
    this.#mutedUntilMs = this.#nowMs() + MUTED_MS;
    return { kind: "late", lateMs: MUTED_MS + this.#random.below(GHOST_MS_MAX) };
  }

  delayMs(call: OutsideCall, way: Way): number {
    if (this.isCalm) return 1;
    const jamMs = way === "there" ? this.#jamMs(call) : 0;
    if (jamMs > 0) return jamMs;
    const { service, method, subject } = call;
    const isBurden = method === "put" && [...this.burdens].some((each) => subject.startsWith(each));
    if (isBurden) return BURDEN_MS;
    const slowMs = this.slowness.get(service);
    if (slowMs !== undefined) return way === "back" ? slowMs : 0;
    if (this.#random.chance(this.#climate.slow)) return this.#random.below(SLOW_MS_MAX);
    return this.#random.below(USUAL_MS_MAX);
  }

  isCut(service: Service, way: Way): boolean {
    return this.cuts.has(service) || this.#outages.has(service) ||
      (way === "there" && this.mute.has(service));
  }
}
