/**
 * Where it is told which metadata of an Iceberg table is the current one. Requirements, updates and metadata have the shapes of
 * the REST catalog specification (`TableRequirement`, `TableUpdate`) and of the table specification, version 2; numbers of 64
 * bits are `bigint`, for other engines give ids beyond 2^53.
 */
import type { TableName } from "../table_log.ts";

/** The metadata of a table as its JSON has it, with all that others have put there. */
export interface TableMetadata {
  readonly "format-version": number;
  readonly "table-uuid": string;
  readonly location: string;
  readonly "last-sequence-number": bigint;
  readonly properties: Readonly<Record<string, string>>;
  readonly "current-snapshot-id"?: bigint | null;
  readonly snapshots?: readonly Snapshot[];
  readonly [field: string]: unknown;
}

export interface Snapshot {
  readonly "snapshot-id": bigint;
  readonly "parent-snapshot-id"?: bigint;
  readonly "sequence-number": bigint;
  readonly "timestamp-ms": bigint;
  /** A URL. */
  readonly "manifest-list": string;
  readonly summary: Readonly<Record<string, string>>;
  readonly "schema-id"?: number;
}

export interface LoadedTable {
  readonly name: TableName;
  readonly metadata: TableMetadata;
  /** Of the metadata's own file, where the catalog tells it. */
  readonly metadataUrl?: string;
}

/** What must be true of the table for a change to be made: `type` and fields as of the REST specification. */
export interface Requirement {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One step of a change: `action` and fields as of the REST specification. */
export interface Update {
  readonly action: string;
  readonly [field: string]: unknown;
}

export interface TableChange {
  readonly requirements: readonly Requirement[];
  readonly updates: readonly Update[];
}

/** What a table is made of; whoever keeps the catalog may complete it. */
export interface NewTable {
  /** A URL. */
  readonly location: string;
  readonly schema: object;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * One catalog. Calls for one table never overlap in one process, and other processes may do anything at any time. Every call
 * throws `TableFault` where the table must be left alone (unreadable), one that `refuses` where a person must do something (denied, no
 * such catalog), and a transient error where the catalog is away.
 */
export interface Catalog {
  /** The table as it is; undefined where there is none. */
  load(name: TableName): Promise<LoadedTable | undefined>;
  /** "conflict": there is one. "unknown": the answer was lost, and whoever calls must look. */
  create(name: TableName, table: NewTable): Promise<LoadedTable | "conflict" | "unknown">;
  /**
   * Makes all updates at once if all requirements hold. "conflict": they do not, nothing was changed. "unknown": the answer was
   * lost, and whoever calls must look.
   */
  commit(table: LoadedTable, change: TableChange): Promise<LoadedTable | "conflict" | "unknown">;
  /** Forgets the table, and deletes none of its data files. Nothing happens where there is none. */
  drop(name: TableName): Promise<void>;
}
