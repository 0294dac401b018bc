import type { Snapshot, TableMetadata } from "./catalog.ts";

/** A table keeps its last snapshots, and of each of these days the first one. */
export const SNAPSHOTS_KEPT = 20;
export const DAYS_KEPT = 8;

const DAY_MS = 24n * 3_600_000n;

/** The ids of the snapshots that can be forgotten when one more comes. Those that a branch or a tag names stay. */
export function expired(metadata: TableMetadata, nowMs: bigint): bigint[] {
  const snapshots = metadata.snapshots ?? [];
  const refs = metadata["refs"] as Record<string, { "snapshot-id": bigint }> | undefined ?? {};
  const named = new Set(Object.values(refs).map((ref) => ref["snapshot-id"]));
  const firsts = new Map<bigint, bigint>();
  for (const { "timestamp-ms": at, "snapshot-id": id } of snapshots) {
    const day = at / DAY_MS;
    if (day > nowMs / DAY_MS - BigInt(DAYS_KEPT) && !firsts.has(day)) firsts.set(day, id);
  }
  const kept = new Set([...named, ...firsts.values()]);
  return snapshots.slice(0, -(SNAPSHOTS_KEPT - 1)).map(idOf).filter((id) => !kept.has(id));
}

function idOf(snapshot: Snapshot): bigint {
  return snapshot["snapshot-id"];
}
