/** Between two points of a history. */
export const SAMPLE_MS = 5000;

/** Points that are kept: five minutes. */
export const SAMPLES_MAX = 60;

/** Histories that are kept at once; streams beyond have none. */
const HISTORIES_MAX = 2000;

/** How many events of a stream somebody has counted; `source` says who, and what. */
export interface EventCount {
  readonly source: string;
  readonly events: number;
}

interface History {
  readonly perSecond: number[];
  count: EventCount;
  atMs: number;
}

/** How many events a second each stream had in the last minutes, from counts that only grow. */
export class RateHistory {
  readonly #histories = new Map<string, History>();

  /** Takes the counts of now (monotonic) of all streams there are; the others are forgotten. */
  sample(counts: ReadonlyMap<string, EventCount>, nowMs: number): void {
    for (const key of this.#histories.keys()) {
      if (!counts.has(key)) this.#histories.delete(key);
    }
    for (const [key, count] of counts) this.#sampleOne(key, count, nowMs);
  }

  /** Oldest first; empty for a stream that is not known yet. */
  of(key: string): readonly number[] {
    return this.#histories.get(key)?.perSecond ?? [];
  }

  #sampleOne(key: string, count: EventCount, nowMs: number): void {
    const known = this.#histories.get(key);
    if (known === undefined) {
      if (this.#histories.size < HISTORIES_MAX) {
        this.#histories.set(key, { perSecond: [], count, atMs: nowMs });
      }
      return;
    }
    if (nowMs <= known.atMs) return;
    // Counts of two sources have nothing to do with each other, and one that went back has begun again.
    const goesOn = count.source === known.count.source && count.events >= known.count.events;
    if (goesOn) {
      const events = count.events - known.count.events;
      known.perSecond.push(Math.round(events / (nowMs - known.atMs) * 1e4) / 10);
      if (known.perSecond.length > SAMPLES_MAX) known.perSecond.shift();
    }
    known.count = count;
    known.atMs = nowMs;
  }
}
