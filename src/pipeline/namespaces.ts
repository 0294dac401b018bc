import type { ClusterTime } from "../model/cluster_time.ts";
import type { NamespaceFilter } from "../model/settings.ts";

/** What finding collections needs of a server. Methods throw the errors of `model/errors.ts`. */
export interface NamespaceSource {
  /** The last operation the server knows, and the oldest entry of its oplog where that may be seen. */
  times(signal: AbortSignal): Promise<ServerTimes>;
  /** The collections that a filter wants and that were there at some time at or after `atLeast`. */
  list(
    filter: NamespaceFilter,
    atLeast: ClusterTime,
    signal: AbortSignal,
  ): Promise<readonly NamespaceName[]>;
  /**
   * Opens the news of where collections begin and end, from the operations of `from` on, those included. Undefined where
   * the user may not see them. `HistoryLostError` if the oplog no longer reaches back to `from`, or ends before it.
   */
  openNews(request: NewsRequest, signal: AbortSignal): Promise<NamespaceNews | undefined>;
}

export interface ServerTimes {
  readonly last: ClusterTime;
  readonly oldest?: ClusterTime;
}

export interface NamespaceName {
  readonly database: string;
  readonly collection: string;
}

export interface NewsRequest {
  /** News of other collections than it wants may come as well. */
  readonly filter: NamespaceFilter;
  readonly from: ClusterTime;
  /** Collections whose beginning is no news: a hint, asked for again and again, for servers that tell of inserts only. */
  readonly known: () => readonly NamespaceName[];
}

/** An open reading. Calls of `next` never overlap; `close` may come at any time and makes a waiting `next` reject. */
export interface NamespaceNews {
  /**
   * The next news in order, waiting a moment (seconds at most) where there is none. Throws `HistoryLostError`,
   * `TransientError` (open again) or `PermanentError`; the reading is dead after any of them.
   */
  next(): Promise<NewsReply>;
  close(): Promise<void>;
}

export interface NewsReply {
  readonly news: readonly NamespaceChange[];
  /** Everything before this time has been told. */
  readonly reached: ClusterTime;
}

/**
 * A collection began (it was made, or another one was renamed to it) or ended (it was dropped, or renamed) at this time.
 * Where the server tells of inserts only, each may stand for the beginning.
 */
export interface NamespaceChange extends NamespaceName {
  readonly time: ClusterTime;
  readonly change: "begun" | "ended";
}
