import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { HistoryLostError } from "../../model/errors.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { backoffMs, type BackoffOptions } from "../../support/flow/backoff.ts";
import { type Clock, sleep } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { NamespaceChange, NamespaceName, NamespaceSource } from "../namespaces.ts";

const RETRY: BackoffOptions = { firstMs: 500, maxMs: 30_000 };

/** How long it waits before it asks again for what is not permitted: a person grants it, or never does. */
const UNSEEN_RETRY_MS = 600_000;

export interface NamespaceWatchOptions {
  readonly source: NamespaceSource;
  readonly filter: NamespaceFilter;
  readonly from: ClusterTime;
  readonly known: () => readonly NamespaceName[];
  /** Takes news before the watch moves on. Where it throws, the same news comes again. */
  readonly take: (news: readonly NamespaceChange[]) => Promise<void>;
  /** Told of failures; the watch tries again. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * `watching`: news comes. `unseen`: the user may not see it. `lost`: the oplog no longer has what comes next; only a watch
 * from another place helps.
 */
export type WatchCondition = "opening" | "watching" | "unseen" | "lost";

/** Follows where collections begin and end, from a place in the oplog on, through all failures, until it is closed. */
export class NamespaceWatch {
  readonly #options: NamespaceWatchOptions;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #running: Promise<void>;
  #condition: WatchCondition = "opening";
  #reached: ClusterTime;
  #lost: HistoryLostError | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: NamespaceWatchOptions) {
    this.#options = options;
    this.#reached = options.from;
    this.#running = this.#run();
  }

  get condition(): WatchCondition {
    return this.#condition;
  }

  /** Why it is `lost`. */
  get lost(): HistoryLostError | undefined {
    return this.#lost;
  }

  /** All news from before this time has been taken. */
  get reached(): ClusterTime {
    return this.#reached;
  }

  /** Resolves when all news from before `time` has been taken, or can never come. Throws what the watch fails with. */
  async reach(time: ClusterTime, signal: AbortSignal): Promise<void> {
    const isThere = () =>
      compareClusterTimes(this.#reached, time) >= 0 || this.#closing.signal.aborted ||
      this.#condition === "unseen" || this.#condition === "lost";
    while (!isThere()) {
      signal.throwIfAborted();
      await this.#change(signal);
      if (this.#failure !== undefined) throw this.#failure.error;
    }
  }

  /** Leaves out what lies before `time`. Of use only while it is `unseen`. */
  moveTo(time: ClusterTime): void {
    if (compareClusterTimes(time, this.#reached) > 0) this.#reached = time;
  }

  async close(): Promise<void> {
    this.#closing.abort(new DOMException("The watch was closed", "AbortError"));
    this.#ring();
    await this.#running;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener("abort", done);
      this.#waiting.add(done);
    });
  }

  #ring(): void {
    for (const done of [...this.#waiting]) done();
  }

  async #run(): Promise<void> {
    const { clock, random, failed } = this.#options;
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      const reached = this.#reached;
      let pauseMs = UNSEEN_RETRY_MS;
      try {
        await this.#watch();
      } catch (error) {
        if (signal.aborted) return;
        failures = compareClusterTimes(this.#reached, reached) > 0 ? 1 : failures + 1;
        pauseMs = backoffMs(failures, RETRY, random);
        if (error instanceof HistoryLostError) {
          this.#lost = error;
          return this.#become("lost");
        }
        this.#failure = { error };
        this.#ring();
        failed(error);
      }
      await sleep(clock, pauseMs, signal).catch(() => {}); // The loop looks.
    }
  }

  /** Until it fails or is closed; returns where nothing may be seen. */
  async #watch(): Promise<void> {
    const { source, filter, known, take } = this.#options;
    const { signal } = this.#closing;
    const news = await source.openNews({ filter, from: this.#reached, known }, signal);
    if (news === undefined) return this.#become("unseen");
    const close = () => void news.close().catch(() => {}); // The server drops it by itself.
    signal.addEventListener("abort", close);
    try {
      while (!signal.aborted) {
        const reply = await news.next();
        if (reply.news.length > 0) await take(reply.news);
        if (compareClusterTimes(reply.reached, this.#reached) > 0) this.#reached = reply.reached;
        this.#become("watching");
      }
    } finally {
      signal.removeEventListener("abort", close);
      await news.close().catch(() => {});
    }
  }

  #become(condition: WatchCondition): void {
    this.#condition = condition;
    this.#failure = undefined;
    this.#ring();
  }
}
