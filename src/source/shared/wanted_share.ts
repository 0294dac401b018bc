import type { Clock } from "../../support/clock.ts";

/** So many events are looked at before it is decided. */
const EVENTS_MIN = 2_000;

/** Of fewer wanted events the server had better leave out the others: that costs it 15 us for each, and 15 us for those too. */
const SHARE_MIN = 0.5;

/** After so long the share may be another one. */
const TRUST_MS = 600_000;

/** Whether the server had better leave out what nobody wants, by the share of what somebody does. */
export class WantedShare {
  readonly #clock: Clock;
  #isFiltered: boolean;
  #decidedMs: number;
  #events = 0;
  #wanted = 0;

  constructor(clock: Clock, isFiltered = false) {
    this.#clock = clock;
    this.#isFiltered = isFiltered;
    this.#decidedMs = clock.monotonicMs();
  }

  get isFiltered(): boolean {
    return this.#isFiltered;
  }

  /** Of `events` that came so many are wanted; whether something else is better from now on. */
  note(events: number, wanted: number): boolean {
    if (this.#isFiltered) {
      const isOld = this.#clock.monotonicMs() - this.#decidedMs >= TRUST_MS;
      if (isOld) this.#decide(false);
      return isOld;
    }
    this.#events += events;
    this.#wanted += wanted;
    if (this.#events < EVENTS_MIN) return false;
    const isFew = this.#wanted < this.#events * SHARE_MIN;
    this.#events = this.#wanted = 0;
    if (isFew) this.#decide(true);
    return isFew;
  }

  /** An event could not be read; whether it may be one that a filter leaves out. */
  blame(): boolean {
    if (this.#isFiltered) return false;
    this.#decide(true);
    return true;
  }

  #decide(isFiltered: boolean): void {
    this.#isFiltered = isFiltered;
    this.#decidedMs = this.#clock.monotonicMs();
  }
}
