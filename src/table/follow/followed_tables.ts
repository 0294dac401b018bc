import type { FollowedRedrives } from "./redrive_follower.ts";
import type { FollowedLake } from "./stream_follower.ts";
import type { HintPlace } from "./table_hint.ts";
import type { TableLog, TableName } from "../table_log.ts";

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
}

export interface Turn {
  readonly commits: number;
  readonly conflicts: number;
  /** Whether all tables that can be written have everything; else the next turn goes on. */
  readonly isComplete: boolean;
}
