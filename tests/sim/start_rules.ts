import assert from "node:assert/strict";
import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import type { Position } from "../../src/model/position.ts";
import { initialId, restId } from "../../src/model/snapshot.ts";
import { type Stream, targetKey } from "../../src/model/stream.ts";
import type { TrueDocuments } from "./true_documents.ts";

/** What is known at the moment when the start of a target is fixed. */
export interface BeginningTarget {
  readonly target: Stream;
  readonly start: Position;
  /** The ids of the snapshots that are due by now. */
  readonly due: { has(id: string): boolean };
  readonly documents: TrueDocuments;
  readonly serverTime: ClusterTime;
}

/**
 * Asserts that a target begins with a snapshot that is due already, or is a collection that was empty at its start or has been
 * since: who dies just after it has fixed a start leaves nothing else that tells that documents are missing.
 */
export function assertSnapshotIsDue(
  { target, start, due, documents, serverTime }: BeginningTarget,
): void {
  if (due.has(initialId(target)) || due.has(restId(target))) return;
  const key = targetKey(target);
  assert(target.level === "collection", `${key} begins and no snapshot of it is due`);
  const name = `${target.database}.${target.collection}`;
  const times = documents.entries.map(({ time }) => time)
    .filter((time) => compareClusterTimes(time, serverTime) <= 0);
  // What is no token yet stands before all events of its time: what these bring is in the stream.
  const isBefore = (time: ClusterTime) =>
    compareClusterTimes(time, start.operationTime) < (start.data === "" ? 0 : 1);
  const last = times.findLast(isBefore) ?? { t: 0, i: 0 };
  const wasEmpty = [last, ...times.filter((time) => !isBefore(time))].some((time) =>
    (documents.at(time).get(name)?.documents.size ?? 0) === 0
  );
  assert(wasEmpty, `${key} begins with documents in it, and no snapshot of it is due`);
}
