/** Between two points of the last minutes. */
export const SAMPLE_MS = 5000;

/** Points that are kept so close together: five minutes. */
export const SAMPLES_MAX = 60;

/** Between two points of the hour. */
const COARSE_MS = 60_000;

/** Points that are kept of the hour. */
export const COARSE_SAMPLES_MAX = 60;

/** Histories that are kept at once, of 120 numbers each; streams beyond have none. */
const HISTORIES_MAX = 2000;

/** How many events of a stream somebody has counted; `source` says who, and what. */
export interface EventCount {
  readonly source: string;
  readonly events: number;
}

/**
 * Events a second over one axis of times, oldest first: a point each minute, then, for the last minutes, one each
 * `SAMPLE_MS`. Series that began later are shorter and end where the axis ends; null where nothing is known.
 */
export interface RatesOverTime {
  readonly secondsAgo: readonly number[];
  readonly total: readonly (number | null)[];
  readonly streams: Readonly<Record<string, readonly (number | null)[]>>;
}

interface History {
  readonly rates: Series;
  source: string;
  events: number;
  atMs: number;
}

/** How many events a second each stream had in the last hour, from counts that only grow. */
export class RateHistory {
  readonly #histories = new Map<string, History>();
  readonly #total = new Series();
  /** When the points were taken, monotonic; one axis for all. */
  readonly #fineAtMs: number[] = [];
  readonly #coarseAtMs: number[] = [];
  #minuteSinceMs: number | undefined;

  /** Takes the counts of now (monotonic) of all streams there are; the others are forgotten. */
  sample(counts: ReadonlyMap<string, EventCount>, nowMs: number): void {
    if (nowMs <= (this.#fineAtMs.at(-1) ?? -Infinity)) return;
    for (const key of this.#histories.keys()) {
      if (!counts.has(key)) this.#histories.delete(key);
    }
    let total = NaN;
    counts.forEach((count, key) => {
      const rate = this.#sampleOne(key, count, nowMs);
      if (!Number.isNaN(rate)) total = (Number.isNaN(total) ? 0 : total) + rate;
    });
    this.#total.add(rounded(total));
    keep(this.#fineAtMs, nowMs, SAMPLES_MAX);
    this.#minuteSinceMs ??= nowMs;
    if (nowMs - this.#minuteSinceMs >= COARSE_MS) this.#endMinute(nowMs);
  }

  /** The last minutes of a stream, oldest first; empty for one that is not known yet. */
  of(key: string): readonly number[] {
    return this.#histories.get(key)?.rates.fine.filter((rate) => !Number.isNaN(rate)) ?? [];
  }

  /** The last hour of all streams together, and of each of these that is known. */
  overTime(keys: readonly string[], nowMs: number): RatesOverTime {
    // A minute counts where the finer points do not reach.
    const finestFromMs = (this.#fineAtMs[0] ?? Infinity) - SAMPLE_MS;
    const coarse = this.#coarseAtMs.filter((atMs) => atMs <= finestFromMs);
    const axis = [...coarse, ...this.#fineAtMs];
    const lineOf = (series: Series) => {
      const later = this.#coarseAtMs.length - coarse.length;
      const minutes = series.coarse.slice(0, series.coarse.length - later);
      const missing = series.fine.length < this.#fineAtMs.length ? [] : minutes;
      return withoutBlankStart([...missing, ...series.fine]);
    };
    const known = keys.flatMap((key) => {
      const history = this.#histories.get(key);
      return history === undefined ? [] : [[key, lineOf(history.rates)] as const];
    });
    return {
      secondsAgo: axis.map((atMs) => Math.round((nowMs - atMs) / 1000)),
      total: lineOf(this.#total),
      streams: Object.fromEntries(known),
    };
  }

  /** Events a second since the last sample; NaN where counts say nothing about it. */
  #sampleOne(key: string, { source, events }: EventCount, nowMs: number): number {
    const known = this.#histories.get(key);
    if (known === undefined) {
      if (this.#histories.size < HISTORIES_MAX) {
        this.#histories.set(key, { rates: new Series(), source, events, atMs: nowMs });
      }
      return NaN;
    }
    // Counts of two sources have nothing to do with each other, and one that went back has begun again.
    const goesOn = source === known.source && events >= known.events;
    const more = events - known.events;
    const rate = goesOn ? rounded(more / (nowMs - known.atMs) * 1000) : NaN;
    known.rates.add(rate);
    known.source = source;
    known.events = events;
    known.atMs = nowMs;
    return rate;
  }

  #endMinute(nowMs: number): void {
    this.#minuteSinceMs = nowMs;
    keep(this.#coarseAtMs, nowMs, COARSE_SAMPLES_MAX);
    this.#total.endMinute();
    for (const { rates } of this.#histories.values()) rates.endMinute();
  }
}

/** The points of one line; NaN where nothing is known. */
class Series {
  readonly fine: number[] = [];
  readonly coarse: number[] = [];
  #sum = 0;
  #count = 0;

  add(rate: number): void {
    keep(this.fine, rate, SAMPLES_MAX);
    if (Number.isNaN(rate)) return;
    this.#sum += rate;
    this.#count++;
  }

  endMinute(): void {
    keep(
      this.coarse,
      this.#count === 0 ? NaN : rounded(this.#sum / this.#count),
      COARSE_SAMPLES_MAX,
    );
    this.#sum = this.#count = 0;
  }
}

function keep(list: number[], value: number, most: number): void {
  list.push(value);
  if (list.length > most) list.shift();
}

function rounded(rate: number): number {
  return Math.round(rate * 10) / 10;
}

function withoutBlankStart(rates: readonly number[]): (number | null)[] {
  const first = rates.findIndex((rate) => !Number.isNaN(rate));
  return first < 0 ? [] : rates.slice(first).map((rate) => Number.isNaN(rate) ? null : rate);
}
