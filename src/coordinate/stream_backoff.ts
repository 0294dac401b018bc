import { backoffMs, type BackoffOptions } from "../support/flow/backoff.ts";
import type { Clock } from "../support/clock.ts";
import type { Random } from "../support/random.ts";

/** A run that lasted this long was a success: the next failure waits as if it were the first. */
const HEALTHY_MS = 60_000;

interface Failure {
  readonly count: number;
  readonly untilMs: number;
  /** Until the stream runs again. */
  readonly isFailing: boolean;
  /** Only another configuration can mend it. */
  readonly needsConfiguration: boolean;
}

/** Streams that failed here, and how long they are left alone. */
export class Failures {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #backoff: BackoffOptions;
  readonly #byStream = new Map<string, Failure>();

  constructor(clock: Clock, random: Random, backoff: BackoffOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#backoff = backoff;
  }

  /** Answers how long it is left alone. */
  failed(stream: string, ranMs: number, needsConfiguration = false): number {
    const before = ranMs >= HEALTHY_MS ? 0 : this.#byStream.get(stream)?.count ?? 0;
    const count = before + 1;
    const retryMs = backoffMs(count, this.#backoff, this.#random);
    const untilMs = this.#clock.monotonicMs() + retryMs;
    this.#byStream.set(stream, { count, untilMs, isFailing: true, needsConfiguration });
    return retryMs;
  }

  /** It runs; how often it failed is remembered, in case it does so again soon. */
  runs(stream: string): void {
    const failure = this.#byStream.get(stream);
    if (failure !== undefined) this.#byStream.set(stream, { ...failure, isFailing: false });
  }

  /** Something that was away answers again: what may have failed by it is tried now, as if it had never failed. */
  tryNow(): void {
    for (const [stream, failure] of this.#byStream) {
      if (failure.needsConfiguration) continue;
      this.#byStream.set(stream, { ...failure, count: 0, untilMs: -Infinity });
    }
  }

  /** Whether it failed and has not run since. */
  isFailing(stream: string): boolean {
    return this.#byStream.get(stream)?.isFailing === true;
  }

  /** The same, where trying it again cannot help as long as the program has this configuration. */
  needsConfiguration(stream: string): boolean {
    const failure = this.#byStream.get(stream);
    return failure?.isFailing === true && failure.needsConfiguration;
  }

  /** How long it is left alone from now on; 0: not any more. */
  leftMs(stream: string): number {
    const failure = this.#byStream.get(stream);
    return failure === undefined ? 0 : Math.max(0, failure.untilMs - this.#clock.monotonicMs());
  }

  /** How long it is until the first of these streams that are left alone is not any more; `Infinity` where none is. */
  nextMs(streams: readonly string[]): number {
    let nextMs = Infinity;
    if (this.#byStream.size === 0) return nextMs;
    for (const stream of streams) {
      const leftMs = this.leftMs(stream);
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
    }
    return nextMs;
  }

  forgetAllBut(streams: ReadonlySet<string>): void {
    for (const stream of this.#byStream.keys()) {
      if (!streams.has(stream)) this.#byStream.delete(stream);
    }
  }
}
