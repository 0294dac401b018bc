import type { Clock } from "../../support/clock.ts";
import type { Log, LogFields } from "../../support/log.ts";
import { formatSeconds } from "../../support/units.ts";

/** What is said of it: at the first failure, and when all works again. */
export interface LastingLines {
  readonly fails: string;
  readonly works: string;
}

/** Something that is tried again every few seconds, of many streams: one line when it fails, one when it works again. */
export class LastingFault {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #lines: LastingLines;
  /** Of whom it failed last. */
  readonly #streams = new Set<string>();
  #sinceMs = 0;
  #times = 0;

  constructor(log: Log, clock: Clock, lines: LastingLines) {
    this.#log = log;
    this.#clock = clock;
    this.#lines = lines;
  }

  /** Whether it fails for anybody. */
  get isLasting(): boolean {
    return this.#streams.size > 0;
  }

  failed(stream: string, fields: LogFields): void {
    const isFirst = this.#streams.size === 0;
    if (isFirst) {
      this.#sinceMs = this.#clock.monotonicMs();
      this.#times = 0;
    }
    this.#streams.add(stream);
    this.#times++;
    this.#log[isFirst ? "warn" : "debug"](this.#lines.fails, { stream, ...fields });
  }

  worked(stream: string, fields: LogFields = {}): void {
    if (!this.#streams.delete(stream) || this.#streams.size > 0) return;
    const away = formatSeconds(this.#clock.monotonicMs() - this.#sinceMs);
    this.#log.info(this.#lines.works, { away, times: this.#times, ...fields });
  }

  /** Nobody tries it for this stream any more. */
  forget(stream: string): void {
    this.#streams.delete(stream);
  }
}
