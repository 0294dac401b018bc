import { streamName } from "../../model/stream.ts";
import type { SnapshotEvent } from "../../pipeline/snapshot/snapshot_catalog.ts";
import type { Log } from "../../support/log.ts";

/** Tells of snapshots. What their ranges do is told as of streams. */
export function logSnapshotEvent(log: Log, event: SnapshotEvent): void {
  if (event.type === "withheld") {
    return log.info("Documents that were there before become no rows", { ...event.why });
  }
  const { plan: { id: snapshot, stream: target, ranges, documents } } = event;
  const stream = streamName(target);
  if (event.type !== "planned") {
    const { documentsRead } = event;
    const what = event.type === "complete" ? "complete" : "cancelled, and closed";
    return log.info(`The snapshot is ${what}`, { stream, documentsRead, snapshot });
  }
  log.info("The documents that are there are read now", {
    stream,
    documents,
    ranges: ranges.length,
    snapshot,
  });
}
