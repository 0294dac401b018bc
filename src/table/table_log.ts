/**
 * What a follower of journals hands to a table, whatever the table's format. A format is a way to commit: `TableLog`.
 */

import { errorMessage, PermanentError } from "../model/errors.ts";

/** An object of the lake as a table names it. */
export interface TableFile {
  /** Relative to the table's folder, as it lies in the store. */
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly writtenAtMs: number;
  /** Between which times, both included, its events lie; absent where that is not known. */
  readonly bounds?: { readonly fromMs: number; readonly toMs: number };
}

/** The same as a table tells it. */
export type HeldFile = Pick<TableFile, "path" | "bytes" | "rows">;

/** What is in no table and never will be. */
export interface Holes {
  readonly gaps: number;
  readonly voidedObjects: number;
  readonly deadLetters: number;
  /** Of which rows were made later, and are in the table; absent: of none. */
  readonly redrivenLetters?: number;
  /** Objects of the collection in folders that no table can name, or in another format: those of before, or of an older copy. */
  readonly objectsElsewhere: number;
}

/** What one record of a journal means for one table. */
export interface TableStep {
  readonly seq: number;
  readonly recordId: string;
  readonly files: readonly TableFile[];
  /** Paths of files that earlier records named, and that are void since. */
  readonly gone: readonly string[];
  readonly holes: Holes;
}

/** Steps of one stream in the order of its journal; between them it has nothing for the table. */
export interface StreamSteps {
  readonly streamKey: string;
  /** Of the genesis: another journal with the same key is another stream. */
  readonly lake: string;
  readonly steps: readonly TableStep[];
}

/** Which table it is, and how far it has come. */
export interface KnownTable {
  readonly id: string;
  readonly version: number;
}

/** Whose events a table has. */
export interface TableName {
  readonly database: string;
  readonly collection: string;
}

export function textOf({ database, collection }: TableName): string {
  return `${database}.${collection}`;
}

export function isSameName(a: TableName, b: TableName): boolean {
  return a.database === b.database && a.collection === b.collection;
}

export type CommitOutcome =
  | (KnownTable & {
    readonly outcome: "complete";
    /** How many commits of ours it took, and how often somebody else was faster. */
    readonly commits: number;
    readonly conflicts: number;
  })
  /** The table is not the one that was known: what it has of earlier records nobody knows. */
  | { readonly outcome: "another" };

/** One table of one format. Calls never overlap. */
export interface TableLog {
  /**
   * Brings all steps into the table that it does not have yet, each once, whoever else commits them at the same time.
   * `known`: the table as whoever calls has last seen it. Throws `TableFault` where the table must be left alone; and what
   * the store throws.
   */
  commit(streams: readonly StreamSteps[], known?: KnownTable): Promise<CommitOutcome>;
  /** The table as it is; undefined where there is none. Throws as `commit`. */
  look(): Promise<KnownTable | undefined>;
}

/**
 * A table must be left alone: it is somebody else's, cannot be read, or knows records that the journal has not. Whatever
 * fails in another way is tried again.
 */
export class TableFault extends PermanentError {
  /** Whoever keeps the table says no: it passes when a person does something, and is tried again until then. */
  readonly refuses: boolean;

  constructor(message: string, options: ErrorOptions & { readonly refuses?: boolean } = {}) {
    super(message, options);
    this.refuses = options.refuses ?? false;
  }
}

export function tableFault(folder: string, reason: string): TableFault {
  return new TableFault(`Cannot write the table in "${folder}/": ${reason}`);
}

/** What to do about a table that is damaged; `--force`: whose it is may be what cannot be read. */
export const MADE_ANEW =
  "make it anew with `tributary table drop --force` and `tributary table build`";

/** `what` of a table, such as "its log entry 3", is not what it should be. */
export function unreadableFault(folder: string, what: string, error: unknown): TableFault {
  return tableFault(folder, `${what} cannot be read (${errorMessage(error)}); ${MADE_ANEW}`);
}

export const NO_HOLES: Holes = { gaps: 0, voidedObjects: 0, deadLetters: 0, objectsElsewhere: 0 };

export function addHoles(a: Holes, b: Holes): Holes {
  const redrivenLetters = (a.redrivenLetters ?? 0) + (b.redrivenLetters ?? 0);
  return {
    gaps: a.gaps + b.gaps,
    voidedObjects: a.voidedObjects + b.voidedObjects,
    deadLetters: a.deadLetters + b.deadLetters,
    objectsElsewhere: a.objectsElsewhere + b.objectsElsewhere,
    ...(redrivenLetters === 0 ? {} : { redrivenLetters }),
  };
}

export function hasHoles(holes: Holes): boolean {
  return Object.values(holes).some((count) => count > 0);
}
