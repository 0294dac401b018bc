import type { TableFormat } from "../../model/table_format.ts";
import type { Instruments } from "./instruments.ts";

/** A table that this instance keeps. */
export interface TableFacts {
  /** `shop.orders` */
  readonly name: string;
  readonly format: TableFormat;
  /** Where it lies. */
  readonly url: string;
  readonly version?: number;
  /** When it had everything that was in the lake, by the wall clock. */
  readonly upToDateMs?: number;
  /** Why it gets nothing more. */
  readonly fault?: string;
  /** There can be none of this collection, and `url` is that of the lake. */
  readonly isMissing?: boolean;
}

/** The tables that this instance keeps, and what it has done to them since it began. */
export interface KeptTables {
  readonly tables: readonly TableFacts[];
  readonly commits: number;
  readonly conflicts: number;
  /** Objects that were made of smaller ones, and how many these were. */
  readonly joined: { readonly inputs: number; readonly outputs: number };
  /** What was deleted of the smaller ones. */
  readonly deleted: { readonly objects: number; readonly bytes: number };
}

const NONE: KeptTables = {
  ...{ tables: [], commits: 0, conflicts: 0 },
  joined: { inputs: 0, outputs: 0 },
  deleted: { objects: 0, bytes: 0 },
};

/** Shows the tables that this instance keeps; those of others are theirs to show. */
export function measureTables(
  { gauges, counters }: Pick<Instruments, "gauges" | "counters">,
  kept: KeptTables | undefined,
  nowMs: number,
  labelOf: (table: string) => string,
): void {
  const { tables, commits, conflicts, joined, deleted } = kept ?? NONE;
  counters.table_commits_total.reset();
  counters.table_commits_total.inc(commits);
  counters.table_conflicts_total.reset();
  counters.table_conflicts_total.inc(conflicts);
  counters.table_compactions_total.reset();
  counters.table_compactions_total.inc(joined.outputs);
  counters.table_compacted_objects_total.reset();
  counters.table_compacted_objects_total.inc(joined.inputs);
  counters.table_deleted_objects_total.reset();
  counters.table_deleted_objects_total.inc(deleted.objects);
  counters.table_deleted_bytes_total.reset();
  counters.table_deleted_bytes_total.inc(deleted.bytes);
  gauges.table_lag_seconds.reset();
  const failing = tables.filter(({ fault, isMissing }) => fault !== undefined && !isMissing);
  gauges.tables_failing.set(failing.length);
  const worst = new Map<string, { table: string; format: TableFormat; lag: number }>();
  for (const { name, format, upToDateMs } of tables) {
    const lag = upToDateMs === undefined ? undefined : Math.max(0, nowMs - upToDateMs) / 1000;
    if (lag === undefined) continue;
    const table = labelOf(name);
    const key = `${format} ${table}`;
    worst.set(key, { table, format, lag: Math.max(lag, worst.get(key)?.lag ?? 0) });
  }
  for (const { table, format, lag } of worst.values()) {
    gauges.table_lag_seconds.set({ table, format }, lag);
  }
}
