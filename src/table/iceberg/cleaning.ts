import { mapLimited } from "../../support/flow/limited.ts";
import { listAll } from "../../support/flow/list_all.ts";
import type { TableMetadata } from "./catalog.ts";
import { type IcebergStore, keyOf, metadataFolder, sequenceOfKey } from "./files.ts";
import { manifestsOf } from "./stage.ts";

/**
 * What somebody may still read is not deleted: what the current snapshot named at any time of the last week. And a writer that was
 * paused still thinks of the numbers of then, so what it puts under one that is free again would be seen by nobody.
 */
export const KEPT_MS = 7n * 24n * 3_600_000n;

/** In one go; the rest goes the next time. */
const DELETED_MAX = 1000;

const READS_IN_FLIGHT_MAX = 4;

/**
 * Deletes lists and manifests that were made up to the newest snapshot that is a week old, and that no snapshot names any more. What
 * one names that came later is named by that snapshot or was made behind it, for a manifest is never taken up again.
 */
export async function cleanFiles(
  store: IcebergStore,
  folder: string,
  metadata: TableMetadata,
  nowMs: number,
): Promise<void> {
  const snapshots = metadata.snapshots ?? [];
  const old = snapshots.filter((each) =>
    BigInt(Math.floor(nowMs)) - each["timestamp-ms"] > KEPT_MS
  );
  const floor = old.at(-1)?.["sequence-number"];
  if (floor === undefined) return;
  const lists = await mapLimited(
    snapshots,
    READS_IN_FLIGHT_MAX,
    (snapshot) => manifestsOf(store, folder, snapshot),
  );
  const named = new Set([
    ...snapshots.map((snapshot) => keyOf(store, snapshot["manifest-list"])),
    ...lists.flat().map(({ manifest_path }) => keyOf(store, manifest_path)),
  ]);
  const keys = await listAll(store, metadataFolder(folder));
  const needless = keys.filter((key) => {
    const sequence = sequenceOfKey(key);
    return sequence !== undefined && sequence <= floor && !named.has(key);
  });
  for (const key of needless.slice(0, DELETED_MAX)) await store.remove(key);
}
