import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { isOfAll, type SnapshotIntent } from "../../model/snapshot.ts";
import { streamKey, targetKey } from "../../model/stream.ts";
import type { Journal } from "../ports.ts";
import type { SnapshotFiles, SnapshotFound } from "../snapshots.ts";

type Files = Pick<SnapshotFiles, "readPlan" | "readEnd">;

/**
 * Whether a snapshot that was announced is to be taken; `found` are all that there are. `not-yet`: nobody knows, for the record that decides is not there.
 * `never`: nothing was lost there after all, or a snapshot of the same target begins behind the loss.
 */
export async function isDue(
  files: Files,
  found: ReadonlyMap<string, SnapshotFound>,
  journal: Pick<Journal, "read">,
  { stream, lost, onto }: SnapshotIntent,
): Promise<"due" | "not-yet" | "never"> {
  const target = targetKey(stream);
  if (onto !== undefined) return await isCovered(files, found, target, onto.at) ? "never" : "due";
  if (lost === undefined) return "due";
  const record = await journal.read(lost.stream, lost.seq);
  if (record === undefined) return "not-yet";
  if (record.kind !== "gap" && record.kind !== "void") return "never";
  return await isCovered(files, found, target, record.to.operationTime) ? "never" : "due";
}

async function isCovered(
  files: Files,
  found: ReadonlyMap<string, SnapshotFound>,
  target: string,
  time: ClusterTime,
): Promise<boolean> {
  const ids = [...found].filter(([id, { hasPlan }]) =>
    hasPlan && isOfAll(id) && id.startsWith(`${target}.`)
  );
  for (const [id] of ids) {
    const plan = await files.readPlan(id);
    const isSame = plan !== undefined && streamKey(plan.stream) === target;
    if (!isSame || compareClusterTimes(plan.floor, time) < 0) continue;
    if ((await files.readEnd(id))?.outcome !== "cancelled") return true;
  }
  return false;
}
