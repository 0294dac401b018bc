import type { SourceDescription } from "../../pipeline/ports.ts";

/** The server may always be let wait so many times as long for an idle stream as for a busy one. */
const FACTOR_MIN = 8;

/** An idle stream learns how far the server is so many times within the oplog's window: heartbeats come ten times. */
const WAITS_A_WINDOW = 40;

/** A connection's own limit is for a server that is gone; one that waits as it was told must be well within it. */
const SOCKET_TIMEOUT_SHARE = 0.5;

/** Waits of idle streams end at so many moments within the length of one. */
const ENDS_A_WAIT = 10;

export interface IdleWaitOptions {
  /** How long the server waits for an event before it sends an empty reply. */
  readonly awaitMs: number;
  /** The longest wait that is wanted, if it is longer than eight times `awaitMs`. */
  readonly wantedMsMax: number;
  /** After so long without an answer the driver cuts a connection; 0: never. */
  readonly socketTimeoutMs: number;
}

/**
 * How long the server may wait before it tells an idle stream that nothing has happened. The more streams, the longer it
 * should be. But the position of an idle stream is as old as that, and it must not come near the end of the oplog.
 */
export class IdleWait {
  readonly #options: IdleWaitOptions;
  #windowMs = Infinity;

  constructor(options: IdleWaitOptions) {
    this.#options = options;
  }

  /** Notes how far the oplog reaches back now. Where the server does not say, nothing changes. */
  note(
    { operationTime, oldestOplogTime }: Pick<
      SourceDescription,
      "operationTime" | "oldestOplogTime"
    >,
  ): void {
    if (oldestOplogTime === undefined) return;
    this.#windowMs = (operationTime.t - oldestOplogTime.t) * 1000;
  }

  /** The longest wait of an idle stream, as of now. */
  get msMax(): number {
    const { awaitMs, wantedMsMax, socketTimeoutMs } = this.#options;
    const allowedMs = Math.min(wantedMsMax, this.#windowMs / WAITS_A_WINDOW);
    const limitMs = socketTimeoutMs === 0 ? Infinity : socketTimeoutMs * SOCKET_TIMEOUT_SHARE;
    return Math.floor(Math.min(limitMs, Math.max(awaitMs * FACTOR_MIN, allowedMs)));
  }
}

/**
 * A wait from `nowMs` on that is up to a tenth shorter than `waitMs`, in whole milliseconds, so that it ends together with those
 * of other streams. A process that wakes up for one stream at a time finds nothing of itself in the caches of the
 * processor: a reply costs 2 ms of CPU then, a tenth of that right after another (measured with 200 streams).
 */
export function endTogether(waitMs: number, nowMs: number): number {
  const stepMs = waitMs / ENDS_A_WAIT;
  const endMs = Math.floor((nowMs + waitMs) / stepMs) * stepMs;
  return Math.ceil(endMs - nowMs);
}
