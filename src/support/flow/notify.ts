import type { Clock, Timer } from "../clock.ts";

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

  /** Resolves at the next ring (at once if one is kept), at the latest after `delayMsMax`. */
  async wait(delayMsMax: number): Promise<void> {
    if (!this.#rung && delayMsMax > 0) {
      let timer: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
        timer = this.#clock.after(delayMsMax, resolve);
      });
      timer?.cancel();
      this.#resume = undefined;
    }
    this.#rung = false;
  }
}
