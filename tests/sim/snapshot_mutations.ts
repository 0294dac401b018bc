import type { Mutation } from "./mutation.ts";

const RANGE_RUN = "src/pipeline/snapshot/range_run.ts";
const RANGE_JOURNAL = "src/pipeline/snapshot/range_journal.ts";
const REDO_CHUNK = "src/pipeline/recover/redo_chunk.ts";

/** Ways to break snapshots. */
export const SNAPSHOT_MUTATIONS: readonly Mutation[] = [
  {
    name: "read a chunk at whatever time the server chooses",
    file: RANGE_RUN,
    from: "    return compareClusterTimes(at, this.#place.atLeast) < 0;",
    to: "    return compareClusterTimes(at, this.#place.atLeast) < -1;",
  },
  {
    name: "believe a server that is behind that a collection is gone",
    firstSeed: 166,
    file: RANGE_RUN,
    from: "  #isTooEarly({ at }: DocumentReply): boolean {",
    to:
      '  #isTooEarly({ at, state }: DocumentReply): boolean {\n    if (state === "gone") return false;',
  },
  {
    name: "divide a collection as it was before the floor",
    firstSeed: 6,
    file: "src/pipeline/snapshot/plan_snapshot.ts",
    from: "  if (compareClusterTimes(at, floor) >= 0) return bounds;",
    to: "  if (compareClusterTimes(at, floor) >= -1) return bounds;",
  },
  {
    name: "make a chunk again at another time",
    file: "src/pipeline/batch/read_chunk.ts",
    from: "      ...{ piece, at, row, suffix: rowSuffix(plan.id, index), settings },",
    to: "      ...{ piece, row, suffix: rowSuffix(plan.id, index), settings },",
    also: [{
      file: REDO_CHUNK,
      from: "  return isSame ? parts : undefined;",
      to: "  return parts; void isSame;",
    }],
  },
  {
    name: "take whatever lies under a chunk's key for the chunk",
    file: REDO_CHUNK,
    from: '  if (found.remade.length + found.disputed.length > 0) return "emptied";\n',
    to: "",
  },
  {
    name: "take a chunk for empty because it was to be made so",
    file: REDO_CHUNK,
    from: '  return await isThere(context, lease, decisive, bytes) ? "made" : "emptied";',
    to: '  return await isThere(context, lease, decisive, bytes) && false ? "made" : "emptied";',
  },
  {
    name: "put an empty object over whatever is there",
    file: "src/destination/memory_destination.ts",
    from: '      if (this.#objects.has(key)) return "exists";\n',
    to: '      if (this.#objects.has(key) && bytes.length > 0) return "exists";\n',
  },
  {
    name: "forget what was emptied",
    file: RANGE_JOURNAL,
    from: '    if (each.kind === "emptied") {',
    to: '    if (each.kind === "emptied" && each.chunks.length > 9) {',
  },
  {
    name: "close a range before what was emptied is read again",
    file: RANGE_RUN,
    from: "    return this.#place.holes[0] ?? this.#place.next;",
    to: "    return this.#place.next;",
  },
  {
    name: "read what was emptied after what is new",
    file: RANGE_RUN,
    from: "    return this.#place.holes[0] ?? this.#place.next;",
    to: "    return this.#place.next ?? this.#place.holes[0];",
  },
  {
    name: "take the last chunk before a hole for a repeat of it",
    firstSeed: 190,
    file: RANGE_JOURNAL,
    from: "    const isDone = chunk.superseded === true || chunk.to === hole.to;",
    to: "    const isDone = true; void hole;",
  },
  {
    name: "say of a collection that is gone that it was empty",
    file: RANGE_RUN,
    from: "      ...(isGone ? { superseded: true as const } : {}),\n",
    to: "",
  },
  {
    name: "end a chunk at its last document, and begin the next one there",
    file: RANGE_RUN,
    from: "          const to = isOver ? current.to : queue.nextId();",
    to: "          const to = isOver ? current.to : queue.lastId();",
    also: [{
      file: "src/pipeline/snapshot/document_queue.ts",
      from: "  /** Forgets what is in it. */",
      to: `  lastId(): string | undefined {
    const hand = this.#held ?? this.#hands[0];
    if (hand === undefined) return undefined;
    const { reply: { bytes, starts, rows } } = hand;
    const start = starts.at(-1)!;
    if (rows !== undefined) return idBound(bytes, start);
    readEventSpans(bytes, start, this.#spans);
    return idBound(bytes, this.#spans.documentKeyStart);
  }

  /** Forgets what is in it. */`,
    }],
  },
  {
    name: "begin behind the first document of the next chunk",
    file: "src/pipeline/snapshot/document_queue.ts",
    from: "    const start = starts[next]!;",
    to: "    const start = (starts[next + 1] ?? starts[next])!;",
  },
  {
    name: "number the rows of each chunk from the beginning",
    file: RANGE_JOURNAL,
    from: "  return record.chunk.row + rows + ",
    to: "  return rows + ",
  },
  {
    name: "fix a start without saying that a snapshot is due",
    file: "src/pipeline/layout/target_start.ts",
    from:
      "  await isNew?.(start, retired.map((each) => each.stream));\n  return await journal.putStart(target, start);",
    to:
      "  const fixedNow = await journal.putStart(target, start);\n  await isNew?.(start, retired.map((each) => each.stream));\n  return fixedNow;",
  },
  {
    name: "take a collection for empty that was so before its stream starts",
    firstSeed: 355,
    file: "src/pipeline/snapshot/began_empty.ts",
    from: "if (found === undefined || compareClusterTimes(found.at, start) < 0) return false;",
    to: "if (found === undefined) return false; void start;",
  },
  {
    name: "plan a snapshot before its stream has begun",
    firstSeed: 260,
    file: "src/pipeline/snapshot/snapshot_catalog.ts",
    from:
      "    if (ends.length === 0 || ends.some((last) => last === undefined)) return undefined;\n",
    to: "",
    also: [{
      file: "src/pipeline/snapshot/snapshot_catalog.ts",
      from: "last!.to.operationTime)",
      to: "last?.to.operationTime ?? { t: 1, i: 1 })",
    }],
  },
  {
    name: "read nothing of a collection that another one is renamed onto",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "      await this.#announce(batch);\n",
    to: "      void this.#announce;\n",
  },
  {
    name: "read nothing again where history was lost",
    firstSeed: 1934,
    file: "src/pipeline/run/stream_run.ts",
    from: "    await announceLoss(this.#context, this.#tail, this.#lease.signal);\n",
    to: "    void announceLoss;\n",
  },
  {
    name: "leave unread what was not read when a collection was retired",
    firstSeed: 122,
    file: "src/pipeline/collections/heirs.ts",
    from:
      "    return this.#heirsOf(target).length > 0 && await this.#retiredStreams(target) !== undefined;",
    to: "    return false;",
  },
  {
    name: "plan what a retired collection has left as if its stream had no end",
    firstSeed: 622,
    file: "src/pipeline/collections/heirs.ts",
    from: "    if (retired !== undefined) return [...retired, ...this.#heirsOf(target)];\n",
    to: "    void retired;\n",
  },
  {
    name: "read nothing of what no collection had that a database's stream follows",
    firstSeed: 1854,
    file: "src/pipeline/layout/target_start.ts",
    from: "  await isNew?.(start, retired.map((each) => each.stream));",
    to: "  if (end === undefined) await isNew?.(start, []);",
  },
  {
    name: "append to a range that is closed",
    file: RANGE_JOURNAL,
    from: '  if (tail.last.kind !== "closed") await noteSettings(context, lease, tail);',
    to: "  await noteSettings(context, lease, tail);",
    firstSeed: 26,
  },
];
