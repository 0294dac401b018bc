import type { LakeConfig } from "../../config/config.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { BegunTableParts } from "../../table/compaction/begun_table.ts";
import type { CompactableLog } from "../../table/compaction/compactable_log.ts";
import type { RecordIdOf } from "../../table/left_steps.ts";
import type { StreamMark } from "../../table/stream_marks.ts";
import type { HeldFile, Holes, TableLog, TableName } from "../../table/table_log.ts";
import type { AppTools, Places } from "../adapters.ts";

/** What a format needs of the world. */
export interface FormatParts {
  readonly config:
    & Pick<LakeConfig, "tableWriters">
    & Partial<Pick<LakeConfig, "iceberg" | "keyRule">>;
  readonly tools: AppTools;
  readonly places: Places;
  readonly recordId: RecordIdOf;
  readonly compactions: BegunTableParts;
  /** Ends requests to a catalog. Default: they end by themselves. */
  readonly signal?: AbortSignal;
}

/** One format of tables over a lake: a table of it may lie in each folder of a collection. */
export interface OpenFormat {
  readonly format: TableFormat;
  /** What says which objects a table has, below its folder. */
  readonly logName: string;
  openLog(folder: string, name: TableName): TableLog & CompactableLog;
  isThere(folder: string): Promise<boolean>;
  /** Undefined where there is none. Throws `TableFault` where it cannot be read. */
  open(folder: string): Promise<OpenTable | undefined>;
  /** Forgets a table, and never an object. */
  drop(folder: string): Promise<void>;
}

/** A table that is there. */
export interface OpenTable {
  /** Absent: somebody else has made it. */
  readonly name?: TableName;
  /** Of no other table, also of one in the same folder. */
  readonly id: string;
  readonly version: number;
  readonly holes: Holes;
  /** Absent: no catalog knows it. */
  readonly catalog?: TableInCatalog;
  /** How far it has come in a journal. */
  readonly markOf: (appId: string) => StreamMark | undefined;
  /** Throws as `open`. */
  files(): Promise<readonly HeldFile[]>;
  /** The paths of what states of before name, as far as the table keeps these. Throws as `open`. */
  earlier(): Promise<ReadonlySet<string>>;
}

/** How somebody who asks a catalog finds a table. */
export interface TableInCatalog {
  readonly url: string;
  readonly warehouse?: string;
  /** Its levels, with dots between them. */
  readonly namespace: string;
  readonly table: string;
  /** Whether the catalog asks nobody who he is. */
  readonly isOpen: boolean;
}
