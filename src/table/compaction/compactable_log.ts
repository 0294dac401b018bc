import type { HeldFile, KnownTable, TableFile } from "../table_log.ts";

/** What compaction needs of a table, whatever the table's format. Calls never overlap. */
export interface CompactableLog {
  /**
   * The table with those of its files that `choose` wants, by default all; undefined where there is none. Of others nothing is held. Throws
   * as `TableLog` does.
   */
  contents(choose?: ChooseFiles): Promise<TableContents | undefined>;
}

export type ChooseFiles = (files: readonly ContainedFile[]) => readonly ContainedFile[];

/** `replaced`: the one file stands in the table for the others, whoever has put it there. */
export type Replacement = "replaced" | "changed";

/** A table as it was read. What it holds is kept up with what others commit, so that it is read once for many replacements. */
export interface TableContents extends KnownTable {
  readonly files: readonly ContainedFile[];
  /**
   * Of files that were chosen, and outputs of compactions. Takes files out and puts one in that has the same rows, in one commit and as no change of data, if all of them are in the
   * table when that commit is made. `changed`: they are not, or it is another table; nothing was done. Throws as `TableLog` does.
   */
  replace(inputs: readonly string[], output: TableFile): Promise<Replacement>;
}

/** A file as a table has it. */
export interface ContainedFile extends HeldFile {
  /** Between which times, both included, its events lie; absent where the table does not say it. */
  readonly bounds?: TableFile["bounds"];
}
