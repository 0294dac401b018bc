import { createObjectSnapshots } from "../../journal/object_snapshots.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { isoTime } from "../../support/clock.ts";
import { type TableName, textOf } from "../../table/table_log.ts";

/** Another collection became one of which there is a table. */
export interface RenamedOnto {
  /** ISO 8601. */
  readonly at: string;
  /** Rows of what is in the collection since have greater tokens than this. */
  readonly token: string;
  /** Whether all documents that it brought are read. */
  readonly isRead: boolean;
}

/** Of each collection the last such rename that snapshots tell of; its own row lies with the old name. */
export async function renamesOnto(
  lake: LakeStore,
): Promise<(name: TableName) => RenamedOnto | undefined> {
  const snapshots = createObjectSnapshots(lake);
  const newest = new Map<string, { id: string; t: number; i: number; isRead: boolean }>();
  for (const [id, { hasEnd, isCancelled }] of await snapshots.find()) {
    const [, target, t, i] = /^(.+)\.onto-(\d+)-(\d+)$/.exec(id) ?? [];
    if (target === undefined) continue;
    const at = { t: Number(t), i: Number(i) };
    const known = newest.get(target) ?? { t: -1, i: -1 };
    if (at.t < known.t || (at.t === known.t && at.i < known.i)) continue;
    newest.set(target, { id, ...at, isRead: hasEnd && !isCancelled });
  }
  const renames = new Map<string, RenamedOnto>();
  for (const { id, t, i, isRead } of newest.values()) {
    const onto = (await snapshots.readIntent(id))?.onto;
    if (onto === undefined) continue;
    const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
    const at = isoTime(t * 1000);
    renames.set(textOf(onto), { at, token: `82${hex(t)}${hex(i)}`, isRead });
  }
  return (name) => renames.get(textOf(name));
}
