import { type RangeToRun, snapshotKey } from "../model/snapshot.ts";
import { isWider, type Stream, targetKey } from "../model/stream.ts";
import type { SnapshotState } from "../pipeline/snapshot/snapshot_catalog.ts";
import { rememberLast } from "../support/remember_last.ts";

/** What there is to run, as of now. */
export interface KeysSources {
  /** By key: the same map while they are the same. */
  readonly streams: () => ReadonlyMap<string, Stream>;
  readonly ranges: () => ReadonlyMap<string, RangeToRun>;
  /** What was told to pause, by key. */
  readonly paused: ReadonlyMap<string, unknown>;
}

/** The keys of what is to run now, and of what waits because it is paused. */
export class KeysToRun {
  readonly #sources: KeysSources;
  readonly #keysOf = rememberLast((streams: ReadonlyMap<string, Stream>) => [...streams.keys()]);

  constructor(sources: KeysSources) {
    this.#sources = sources;
  }

  /**
   * The documents of a stream that is paused wait as its events do; what is cancelled is closed all the same. Where there are
   * only streams, and all are to run, it is the same list while they are the same.
   */
  now(): readonly string[] {
    const { paused, ranges } = this.#sources;
    if (paused.size === 0 && ranges().size === 0) return this.#allStreams();
    const streams = this.#allStreams().filter((key) => !paused.has(key));
    const cancelled = [...ranges()].filter(([, each]) => each.cancelled?.aborted);
    return [...streams, ...cancelled.map(([key]) => key), ...this.rangesToRead()];
  }

  rangesToRead(): string[] {
    const { paused, ranges } = this.#sources;
    return [...ranges()].filter(([key, { plan, cancelled }]) =>
      !cancelled?.aborted && !paused.has(key) && !this.isPaused(plan)
    ).map(([key]) => key);
  }

  /** Whether a snapshot is, or its stream with all partitions. */
  isPaused({ id, stream }: Pick<SnapshotState, "id" | "stream">): boolean {
    const { paused, streams } = this.#sources;
    // Asked for each range: mostly nothing is.
    if (paused.size === 0) return false;
    const key = targetKey(stream);
    const all = [...streams()];
    const own = all.filter(([, each]) => targetKey(each) === key);
    // Of one that was retired those that have followed it.
    const heirs = own.length > 0 ? own : all.filter(([, each]) => isWider(each, stream));
    return paused.has(snapshotKey(id)) || paused.has(key) ||
      (heirs.length > 0 && heirs.every(([each]) => paused.has(each)));
  }

  #allStreams(): readonly string[] {
    return this.#keysOf(this.#sources.streams());
  }
}
