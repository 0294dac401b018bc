import { readEntry } from "./entry.ts";
import { checkpointKey, type DeltaStore, entryKey, listLog } from "./files.ts";

/**
 * No entry of the log is deleted that is younger: a writer that was paused still thinks of the numbers of then, and what it
 * puts under one that is free again would be seen by nobody.
 */
const LOG_MS_MIN = 7 * 24 * 3_600_000;

/** In one go; the rest goes at the next checkpoint. */
const DELETED_MAX = 1000;

/** Deletes what lies before a checkpoint that is a week old. The newest checkpoint and all behind it stay. */
export async function cleanLog(
  store: DeltaStore,
  folder: string,
  newest: number,
  nowMs: number,
): Promise<void> {
  const { checkpoints, versions } = await listLog(store, folder, 0);
  const isOld = async (version: number) => {
    const info = (await readEntry(store, folder, version))?.find((a) => a.commitInfo)?.commitInfo;
    const timestamp = info?.["timestamp"];
    return typeof timestamp === "number" && nowMs - timestamp > LOG_MS_MIN;
  };
  let floor = -1;
  for (const checkpoint of checkpoints) {
    if (checkpoint >= newest || !await isOld(checkpoint)) break;
    floor = checkpoint;
  }
  const keys = [
    ...versions.filter((v) => v < floor).map((v) => entryKey(folder, v)),
    ...checkpoints.filter((v) => v < floor).map((v) => checkpointKey(folder, v)),
  ];
  for (const key of keys.slice(0, DELETED_MAX)) await store.remove(key);
}
