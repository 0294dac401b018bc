import type { FollowedRedrives } from "./redrive_follower.ts";
import type { FollowedLake } from "./stream_follower.ts";
import type { HintPlace, StoppedTable } from "./table_hint.ts";
import type { Retries } from "./retries.ts";
import type { KnownTable, TableLog, TableName } from "../table_log.ts";

export interface LakeFollowerParts {
  readonly lake: FollowedLake;
  /** The keys of all journals, also of those of ranges of snapshots. */
  readonly streams: () => Promise<readonly string[]>;
  readonly openLog: (folder: string, name: TableName) => TableLog;
  /** Absent: rows of dead letters are in no table. */
  readonly redrives?: FollowedRedrives;
  /** Absent: all journals are read from the beginning, and nothing is noted. */
  readonly hint?: HintPlace;
  /** Which tables are wanted. Default: all. */
  readonly isWanted?: (name: TableName) => boolean;
}

/** A table as the follower knows it. */
export interface FollowedTable {
  readonly folder: string;
  readonly name: TableName;
  readonly id?: string;
  readonly version?: number;
  /** Why it gets nothing more; the lake goes on. */
  readonly fault?: string;
  /** Whether something that the last turn was to bring is not in it yet. */
  readonly isBehind: boolean;
}

/** A table as whoever keeps it holds it. */
export interface KeptTable {
  readonly folder: string;
  readonly name: TableName;
  readonly log: TableLog;
  /** Those that have something in it. */
  readonly streams: Set<string>;
  known?: KnownTable;
  stopped?: StoppedTable;
  readonly retries: Retries;
  /** In how many turns it was not answered since it was the last time. */
  unanswered: number;
}

export interface Turn {
  readonly commits: number;
  readonly conflicts: number;
  /** Whether all tables that can be written have everything; else the next turn goes on. */
  readonly isComplete: boolean;
}

/** What was not answered in a turn. It holds up only what needs it, and the next turn tries it again. */
export interface Failure {
  /** The table in this folder; absent: it is about journals. */
  readonly table?: Pick<FollowedTable, "folder" | "name">;
  readonly error: unknown;
}

/** A turn with what went wrong in it. */
export interface Attempt extends Turn {
  readonly failures: readonly Failure[];
}
