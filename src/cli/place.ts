import { clusterTimeIso, describeClusterTime, formatClusterTime } from "../model/cluster_time.ts";
import type { Position } from "../model/position.ts";

/** `2026-11-20T17:00:00Z (1795194000.1)`. */
export function placeText({ operationTime }: Position): string {
  return describeClusterTime(operationTime);
}

/** A position for programs. */
export function placeJson({ operationTime, data }: Position) {
  return {
    time: clusterTimeIso(operationTime),
    operationTime: formatClusterTime(operationTime),
    ...(data === "" ? {} : { token: data }),
  };
}
