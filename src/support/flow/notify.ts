import type { Clock, Timer } from "../clock.ts";

/** A bell as those see it who wait for it. */
export interface Ringing {
  /** Aborted by the next ring; after it there is another signal. */
  readonly signal: AbortSignal;
}

/** A bell for any number of waits and listeners. */
export class Bell implements Ringing {
  readonly #listeners: (() => void)[] = [];
  #next = new AbortController();

  get signal(): AbortSignal {
    return this.#next.signal;
  }

  onRing(listener: () => void): void {
    this.#listeners.push(listener);
  }

  ring(): void {
    const rung = this.#next;
    this.#next = new AbortController();
    rung.abort(new Error("The bell has rung"));
    for (const listener of this.#listeners) listener();
  }
}

/**
 * A doorbell for a loop that looks at several things: whoever changes something rings, the loop waits for a ring or a
 * time. One waiter; a ring while nobody waits is kept. (Racing long-lived promises instead would pile up reactions.)
 */
export class Wake {
  readonly #clock: Clock;
  #rung = false;
  #resume: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#resume?.();
  }

  /** Rings as soon as one of these is aborted, until it is disposed of. */
  ringAt(signals: readonly AbortSignal[]): Disposable {
    const ring = () => this.ring();
    for (const signal of signals) signal.addEventListener("abort", ring);
    return {
      [Symbol.dispose]() {
        for (const signal of signals) signal.removeEventListener("abort", ring);
      },
    };
  }

  /**
   * Resolves at the next ring (at once if one is kept), at the latest after `delayMsMax`, which may be `Infinity`; whether
   * there was a ring.
   */
  async wait(delayMsMax: number): Promise<boolean> {
    if (!this.#rung && delayMsMax > 0) {
      let timer: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
        if (delayMsMax < Infinity) timer = this.#clock.after(delayMsMax, resolve);
      });
      timer?.cancel();
      this.#resume = undefined;
    }
    const wasRung = this.#rung;
    this.#rung = false;
    return wasRung;
  }
}
