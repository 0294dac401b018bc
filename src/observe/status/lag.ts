import type { ClusterTime } from "../../model/cluster_time.ts";
import type { StreamFacts } from "./stream_board.ts";

/** How far MongoDB's oplog reaches: from its oldest entry to the last operation. */
export interface OplogReach {
  readonly operationTime: ClusterTime;
  /** Absent where the server does not say (mongos, lacking rights). */
  readonly oldestOplogTime?: ClusterTime;
  /** Nothing has ever fallen out of it. */
  readonly isOplogWhole?: true;
}

/** Seconds from the cluster time until now by this machine's clock; a server whose clock is ahead is not behind. */
export function secondsSince(time: ClusterTime | undefined, nowMs: number): number | undefined {
  return time === undefined ? undefined : Math.max(0, nowMs / 1000 - time.t);
}

/** Seconds that the oplog reaches back; undefined where the server does not say. */
export function oplogWindowSeconds(reach: OplogReach | undefined): number | undefined {
  if (reach?.oldestOplogTime === undefined) return undefined;
  return reach.operationTime.t - reach.oldestOplogTime.t;
}

/**
 * Seconds of oplog that are left before a stream's position falls out of it. Of an oplog that was never cut off nobody knows
 * that: how long it is says only how old it is.
 */
export function oplogHeadroomSeconds(
  position: ClusterTime | undefined,
  reach: OplogReach | undefined,
): number | undefined {
  if (position === undefined || reach?.oldestOplogTime === undefined) return undefined;
  if (reach.isOplogWhole) return undefined;
  return Math.max(0, position.t - reach.oldestOplogTime.t);
}

/** With less than this share of the oplog's window left, a stream is in danger of losing its history. */
export const HEADROOM_SHARE_MIN = 0.1;

/** With less than this share people are told: the alert `TributaryOplogShort` has the same. */
export const HEADROOM_SHARE_WARN = 0.25;

/** Whether the stream is so far behind that the oplog may soon not reach back to it. */
export function isShortOfOplog(facts: StreamFacts, reach: OplogReach | undefined): boolean {
  const headroom = oplogHeadroomSeconds(facts.durable, reach);
  const window = oplogWindowSeconds(reach);
  if (headroom === undefined || window === undefined) return false;
  return headroom < window * HEADROOM_SHARE_MIN;
}

/** Of what the server said of itself, what others are told. */
export function oplogOf(reach: OplogReach | undefined): OplogReach | undefined {
  if (reach === undefined) return undefined;
  const { operationTime, oldestOplogTime, isOplogWhole } = reach;
  return {
    operationTime,
    ...(oldestOplogTime === undefined ? {} : { oldestOplogTime }),
    ...(isOplogWhole === undefined ? {} : { isOplogWhole }),
  };
}
