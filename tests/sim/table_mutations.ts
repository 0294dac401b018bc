import type { Mutation } from "./mutation.ts";

/** Ways to break tables. Every third seed has some. */
export const TABLE_MUTATIONS: readonly Mutation[] = [
  {
    name: "commit to a table what it has already",
    file: "src/table/left_steps.ts",
    from: "mark === undefined || seq > mark.seq",
    to: "mark === undefined || seq > -1",
    firstSeed: 3,
  },
  {
    name: "put objects into a table that are not there",
    file: "src/table/follow/stream_follower.ts",
    from: "      else break;\n",
    to: "      else taken.push(record);\n",
    firstSeed: 40,
  },
  {
    name: "put objects into a table that are void",
    file: "src/table/follow/table_steps.ts",
    from: "return record.objects.filter(({ key }) => !voided.has(key));",
    to: "return record.objects.filter(() => voided.size >= 0);",
    firstSeed: 100,
  },
  {
    name: "put chunks into a table that were emptied",
    file: "src/table/follow/table_steps.ts",
    from: "!namesObjects(record) || emptied.has(record.seq)",
    to: "!namesObjects(record) || emptied.size < 0",
    firstSeed: 3,
  },
  {
    name: "go on in a journal though a table was not written",
    file: "src/table/follow/lake_follower.ts",
    from: "if (!held.has(follower.key)) continue;",
    to: "if (held.size >= 0) continue;",
    firstSeed: 3,
  },
  {
    name: "take another one's change of a table of Iceberg for one's own",
    file: "src/table/iceberg/file_catalog.ts",
    from: 'if (outcome === "exists") return "conflict";',
    to: 'if (outcome === "exists") clock.wallMs();',
  },
  {
    name: "forget how far a table of Iceberg has come",
    file: "src/table/iceberg/stage.ts",
    from: 'action: "set-properties", updates: properties',
    to: 'action: "set-properties", updates: {}',
  },
  {
    name: "forget what a table of Iceberg had before",
    file: "src/table/iceberg/stage.ts",
    from: "mergeManifests([...left, ...news], files)",
    to: "mergeManifests(news, files)",
  },
  {
    name: "put a joined object into a table that lacks some of what was joined",
    file: "src/table/delta/log.ts",
    from: 'if (isThere || left < inputs.length) return "changed";',
    to: 'if (isThere) return "changed";',
    firstSeed: 117,
  },
  {
    name: "put small objects into a table that has begun with what they were joined to",
    file: "src/table/compaction/begun_table.ts",
    from: "if (table.begunWith === undefined)",
    to: 'if (table.begunWith !== "")',
    firstSeed: 39,
  },
  {
    name: "begin a table with small objects though they were joined",
    file: "src/table/compaction/begun_table.ts",
    from: "if (usable.length === 0) return { streams, joined: [] };",
    to: "if (usable.length >= 0) return { streams, joined: [] };",
    firstSeed: 3,
  },
  {
    name: "put a joined object into a table without a record of what was joined",
    file: "src/table/compaction/compactor.ts",
    from: "const record = await putCompaction(records, this.#folder, { v: 1, inputs, output });",
    to: "const record: CompactionRecord = { v: 1, inputs, output };",
    firstSeed: 3,
  },
  {
    name: "give a joined object the name of its first part",
    file: "src/table/compaction/compaction_record.ts",
    from: ".update(JSON.stringify(what))",
    to: ".update(JSON.stringify(what[1]))",
    firstSeed: 3,
  },
];
