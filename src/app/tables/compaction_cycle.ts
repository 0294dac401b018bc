import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Compactor } from "../../table/compaction/compactor.ts";
import type { FollowedTable } from "../../table/follow/lake_follower.ts";

/** From the beginning of a cycle to that of the next one. */
const CYCLE_MS = 3_600_000;

/** Behind this time without a commit all hours and days of a table are over, and it was seen since. */
const IDLE_MS = 26 * 3_600_000;

export interface CompactionCycleParts {
  readonly open: (table: Pick<FollowedTable, "folder" | "name">) => Compactor;
  readonly clock: Clock;
  readonly log: Log;
}

/** Joins the small objects of all tables, one table after the other, about once an hour. */
export class CompactionCycle {
  /** Objects that were made of others, and how many these were. */
  outputs = 0;
  inputs = 0;
  readonly #parts: CompactionCycleParts;
  readonly #compactors = new Map<string, Compactor>();
  /** By folder, since when a table is at a version. */
  readonly #versions = new Map<string, { readonly version: number; readonly sinceMs: number }>();
  readonly #said = new Set<string>();
  #due: FollowedTable[] = [];
  #beganMs = -Infinity;

  constructor(parts: CompactionCycleParts) {
    this.#parts = parts;
  }

  /** Begins a cycle if one is due, and goes on with it as long as `goesOn` says; the rest is done at the next call. Never rejects. */
  async go(tables: readonly FollowedTable[], goesOn: () => boolean): Promise<void> {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (this.#due.length === 0 && nowMs - this.#beganMs >= CYCLE_MS) {
      this.#beganMs = nowMs;
      this.#due = tables.filter((table) =>
        table.fault === undefined && !this.#isIdle(table, nowMs)
      );
    }
    while (this.#due.length > 0 && goesOn()) {
      if (!await this.#compact(this.#due[0]!, goesOn)) return;
      this.#due.shift();
    }
  }

  #isIdle({ folder, version }: FollowedTable, nowMs: number): boolean {
    if (version === undefined) return true;
    const known = this.#versions.get(folder);
    if (known?.version === version) return nowMs - known.sinceMs > IDLE_MS;
    this.#versions.set(folder, { version, sinceMs: nowMs });
    return false;
  }

  /** Whether all is done that can be. */
  async #compact(table: FollowedTable, goesOn: () => boolean): Promise<boolean> {
    const { open, log } = this.#parts;
    const { folder } = table;
    const compactor = this.#compactors.get(folder) ?? open(table);
    this.#compactors.set(folder, compactor);
    try {
      const { isAll, faults, ...done } = await compactor.compact(goesOn);
      this.outputs += done.outputs;
      this.inputs += done.inputs;
      if (done.outputs > 0) log.info("Small objects of a table were joined", { folder, ...done });
      for (const reason of faults) {
        if (this.#said.has(reason)) continue;
        this.#said.add(reason);
        log.warn("Small objects of a table stay as they are", { folder, reason });
      }
      return isAll;
    } catch (error) {
      log.warn("Small objects of a table could not be joined; it is tried again in an hour", {
        ...{ folder, error },
      });
      return true;
    }
  }
}
