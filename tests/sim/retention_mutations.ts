import type { Mutation } from "./mutation.ts";

/** Ways to delete what is still needed. Almost a quarter of all worlds deletes. */
export const RETENTION_MUTATIONS: readonly Mutation[] = [
  {
    name: "delete what was joined though the table of another format has it",
    file: "src/table/retention/naming_tables.ts",
    from: "tables.every(({ files }) => files.has(path))",
    to: "tables.some(({ files }) => files.has(path))",
    also: [{
      file: "src/table/retention/naming_tables.ts",
      from: 'if (held === undefined) return `the table ${id} does not name "${output.path}"`;',
      to: "if (held === undefined) continue;",
    }],
  },
  {
    name: "delete what was joined though a table of Iceberg can still be read as it was before",
    file: "src/table/retention/naming_tables.ts",
    from: "if (kept !== undefined) return",
    to: "if (kept !== undefined && tables.length === 0) return",
  },
  {
    name: "delete what was joined before its time",
    file: "src/table/retention/delete_joined.ts",
    from: "nowMs - note[id]!.sinceMs >= retentionMs",
    to: "nowMs - note[id]!.sinceMs >= retentionMs / 1000",
  },
  {
    name: "delete what was joined without a mark",
    file: "src/table/retention/delete_joined.ts",
    from: "mark: await putDeletionMark(records, folder, id, mark)",
    to: "mark: putDeletionMark.length > 0 ? mark : mark",
  },
  {
    name: "join objects of which no journal says that they are there",
    file: "src/table/compaction/plan_compactions.ts",
    from: "if (name.seq > throughOf(name.streamKey)) continue;",
    to: "if (throughOf(name.streamKey) < -1) continue;",
  },
];
