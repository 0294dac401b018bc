import type { CompactionRecord } from "../compaction/compaction_record.ts";
import type { HeldFile } from "../table_log.ts";

/** A table of a folder and all that it names. */
export interface NamingTable {
  /** What tells it from all others, also of other formats. */
  readonly id: string;
  /** By path. */
  readonly files: ReadonlyMap<string, HeldFile>;
  /** What states of before name that can still be read, beside `files`. */
  readonly earlier: ReadonlySet<string>;
}

/** Whether a folder has tables and all of them name an object. */
export function isNamedByAll(tables: readonly NamingTable[], path: string): boolean {
  return tables.length > 0 && tables.every(({ files }) => files.has(path));
}

/** Why inputs of a compaction must stay; undefined where no table needs them. */
export function namingFault(
  tables: readonly NamingTable[],
  { inputs, output }: CompactionRecord,
): string | undefined {
  if (tables.length === 0) return "there is no table";
  for (const { id, files, earlier } of tables) {
    const held = files.get(output.path);
    if (held === undefined) return `the table ${id} does not name "${output.path}"`;
    if (held.bytes !== output.bytes || held.rows !== output.rows) {
      return `the table ${id} says of "${output.path}" ${held.bytes} bytes and ${held.rows} rows, and its compaction ` +
        `${output.bytes} and ${output.rows}`;
    }
    const needed = inputs.find(({ path }) => files.has(path));
    if (needed !== undefined) return `the table ${id} names "${needed.path}" as well`;
    const kept = inputs.find(({ path }) => earlier.has(path));
    if (kept !== undefined) return `a state of before of the table ${id} names "${kept.path}"`;
  }
  return undefined;
}

export function areSame(tables: readonly NamingTable[], ids: readonly string[]): boolean {
  const found = tables.map(({ id }) => id).sort();
  return found.length === ids.length && ids.toSorted().every((id, i) => id === found[i]);
}
