import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";

/** What comes again sooner is the same fault: the pauses between tries are shorter. */
const SAME_MS_MAX = 180_000;

/**
 * Warns of something that is tried again and again, once for as long as it goes on failing; each try is said on demand. That
 * it works again says whoever says that the service at fault answers again.
 */
export class RepeatedWarning {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #message: string;
  #failedMs = -Infinity;
  #kind: unknown;

  constructor(log: Log, clock: Clock, message: string) {
    this.#log = log;
    this.#clock = clock;
    this.#message = message;
  }

  /** One kind of error has many texts while a server goes down and comes back; another kind is another fault. */
  warn(error: unknown): void {
    const nowMs = this.#clock.monotonicMs();
    const kind = error instanceof Error ? error.constructor : undefined;
    const isSame = nowMs - this.#failedMs <= SAME_MS_MAX && kind === this.#kind;
    this.#failedMs = nowMs;
    this.#kind = kind;
    this.#log[isSame ? "debug" : "warn"](this.#message, { error });
  }
}
