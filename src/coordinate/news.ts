import type { ClusterTime } from "../model/cluster_time.ts";
import type { StreamCondition } from "../model/stream_condition.ts";

/**
 * What instances tell of their streams, so that people see it wherever they look. Nothing is decided by it, and nobody
 * waits for it. Errors are `TransientError` and `PermanentError`.
 */
export interface News {
  /** Takes the place of what this instance told before; gone after `ttlMs`. */
  tell(news: InstanceNews, ttlMs: number): Promise<void>;
  /** What the instances with these owner ids have told. */
  read(owners: readonly string[]): Promise<ToldNews[]>;
}

/** What an instance told last. */
export interface ToldNews extends InstanceNews {
  /** How long ago; absent where an older version told it. */
  readonly ageMs?: number;
}

export interface InstanceNews {
  /** The owner id of its leases. */
  readonly owner: string;
  readonly streams: readonly StreamNews[];
  /** How often it tells; older versions do not say. */
  readonly everyMs?: number;
  /** The services that fail it now; older versions do not tell this and the next. */
  readonly away?: readonly ServiceNews[];
  /** How far MongoDB's oplog reaches, as far as the instance knows. */
  readonly oplog?: OplogNews;
  /** By so many change streams it reads. */
  readonly changeStreams?: number;
  /** The settings that it read again last were refused; absent: they were not. */
  readonly refusedSettings?: RefusedSettings;
}

/** Why settings that an instance read again are not in force there. */
export interface RefusedSettings {
  /** ISO 8601. */
  readonly since: string;
  readonly reason: string;
}

/** A service that does not answer an instance, or refuses what it asks for. */
export interface ServiceNews {
  readonly name: "mongodb" | "redis" | "destination";
  /** ISO 8601. */
  readonly since: string;
  readonly reason?: string;
  readonly refuses: boolean;
}

/** From its oldest entry to the last operation. */
export interface OplogNews {
  readonly operationTime: ClusterTime;
  readonly oldestOplogTime?: ClusterTime;
  /** Nothing has ever fallen out of it; older versions do not tell. */
  readonly isOplogWhole?: true;
}

/** A stream as the instance sees it that has it, or where it failed. */
export interface StreamNews {
  readonly key: string;
  readonly condition: StreamCondition;
  /** How far reading was behind when this was told. */
  readonly lagMs?: number;
  /** Up to where it is read. Older versions do not tell this and the next. */
  readonly highWater?: ClusterTime;
  /** The time up to which all of its events are in the lake. */
  readonly inLake?: ClusterTime;
  /** Since the instance began. */
  readonly readEvents: number;
  /** Read and not yet stored. */
  readonly bufferedEvents: number;
  /** Gaps and objects given up in its journal that nobody has accepted; absent where there are none, or it is not known. */
  readonly lost?: number;
  /** Why it is read by a change stream of its own; absent where there is no reason for it. */
  readonly alone?: string;
  readonly lastObject?: ObjectNews;
  readonly error?: ErrorNews;
}

/** `since` is when it first failed since it last read; older versions do not tell. */
export interface ErrorNews {
  readonly message: string;
  readonly at: string;
  readonly since?: string;
}

/** `at` is ISO 8601, as in `error`. */
export interface ObjectNews {
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
  readonly at: string;
}
