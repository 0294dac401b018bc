import { type ClusterTime, clusterTimeIso, formatClusterTime } from "../model/cluster_time.ts";
import { LogPlace } from "../support/log.ts";

/** A cluster time as a field of a log line. */
export function logPlace(time: ClusterTime): LogPlace {
  return new LogPlace(formatClusterTime(time), clusterTimeIso(time));
}
