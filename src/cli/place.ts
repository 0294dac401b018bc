import { formatClusterTime } from "../model/cluster_time.ts";
import type { Position } from "../model/position.ts";
import { isoTime } from "../support/clock.ts";

/** `2026-11-20T17:00:00Z (1795194000.1)`. */
export function placeText({ operationTime }: Position): string {
  return `${timeText(operationTime.t)} (${formatClusterTime(operationTime)})`;
}

/** Seconds since 1970 for people. */
export function timeText(seconds: number): string {
  return isoTime(seconds * 1000).replace(".000Z", "Z");
}

/** A position for programs. */
export function placeJson({ operationTime, data }: Position) {
  return {
    time: timeText(operationTime.t),
    operationTime: formatClusterTime(operationTime),
    ...(data === "" ? {} : { token: data }),
  };
}
