import assert from "node:assert/strict";
import type { BSON } from "mongodb";
import { decodeRecord } from "../../src/journal/codec/record_codec.ts";
import { type ClusterTime, compareClusterTimes, laterTime } from "../../src/model/cluster_time.ts";
import { comparePositions, type Position, samePosition } from "../../src/model/position.ts";
import {
  type BatchRecord,
  type Chunk,
  type EmptiedRecord,
  type JournalRecord,
  namesObjects,
  RANGE_CANCELLED,
} from "../../src/model/record.ts";
import {
  parseRangeKey,
  rowSuffix,
  rowToken,
  type SnapshotEnd,
  type SnapshotIntent,
  type SnapshotPlan,
} from "../../src/model/snapshot.ts";
import { parseStreamKey } from "../../src/model/stream.ts";
import { tokensInObject } from "./object_rules.ts";
import { idOf } from "./sim_documents.ts";
import { assertSnapshotIsDue } from "./start_rules.ts";
import { documentsBetween, type TrueDocuments } from "./true_documents.ts";

/** A chunk, and what lies under its key. */
interface SeenChunk {
  readonly key: string;
  readonly record: BatchRecord & { readonly chunk: Chunk };
  readonly documents: readonly BSON.Document[];
  content: "none" | "whole" | "empty";
  isEmptied: boolean;
}

/** The journal of a range as it has been seen to grow. */
interface SeenRange {
  readonly plan: SnapshotPlan;
  readonly index: number;
  readonly records: JournalRecord[];
  readonly chunks: Map<number, SeenChunk>;
  /** Emptied chunks that are not repeated, and where what is missing of them begins. */
  holes: { readonly seq: number; readonly from: string | undefined }[];
  /** The last chunk that is no repeat. */
  forward: Chunk | undefined;
  row: number;
  atLeast: ClusterTime;
}

/** Looks at each file and object of a snapshot at the moment it is created, and throws at the first that is wrong. */
export class RangeInspector {
  readonly intents = new Map<string, SnapshotIntent>();
  readonly plans = new Map<string, SnapshotPlan>();
  readonly ends = new Map<string, SnapshotEnd>();
  readonly ranges = new Map<string, SeenRange>();
  /** Whether all copies take snapshots of what begins, and nothing else decides where it begins. */
  areDue = false;
  readonly #named = new Map<string, { readonly range: string; readonly seq: number }>();
  readonly #documents: TrueDocuments;
  readonly #serverTime: () => ClusterTime;

  constructor(documents: TrueDocuments, serverTime: () => ClusterTime) {
    this.#documents = documents;
    this.#serverTime = serverTime;
  }

  /** Told of each object that was not there before; whether it is a snapshot's. */
  created(key: string, bytes: Uint8Array): boolean {
    const record = /^_tributary\/ranges\/([^/]+)\/(\d{16})\.json$/.exec(key);
    const file = /^_tributary\/snapshot\/(.+)\.(intent|plan|cancelled|end)\.json$/.exec(key);
    if (record !== null) this.#recordCreated(record[1]!, Number(record[2]), bytes, key);
    else if (file !== null) this.#fileCreated(file[1]!, file[2]!, bytes);
    else if (this.#named.has(key)) this.#objectCreated(key, bytes);
    else return false;
    return true;
  }

  /** The record that names the object. */
  namedBy(key: string): { readonly stream: string; readonly seq: number } | undefined {
    const named = this.#named.get(key);
    return named && { stream: named.range, seq: named.seq };
  }

  /** Told of each start of a target. */
  targetBegins(key: string, start: Position): void {
    if (!this.areDue) return;
    const serverTime = this.#serverTime();
    const target = parseStreamKey(key)!;
    assertSnapshotIsDue({
      ...{ target, start, serverTime, due: this.intents, documents: this.#documents },
    });
  }

  /** Snapshots that are due and not complete. */
  unfinished(): string[] {
    return [...this.intents.keys()].filter((id) => !this.ends.has(id));
  }

  #fileCreated(id: string, kind: string, bytes: Uint8Array): void {
    const file = JSON.parse(new TextDecoder().decode(bytes));
    if (kind === "intent") this.intents.set(id, file);
    else if (kind === "cancelled") assert(this.intents.has(id), `nobody asked for ${id}`);
    else if (kind === "plan") {
      assert(this.intents.has(id), `a plan without an intent: ${id}`);
      this.plans.set(id, file);
    } else {
      const { ranges } = this.plans.get(id) ?? { ranges: [] };
      const closed = [...this.ranges.values()].filter(({ plan, records }) =>
        plan.id === id && records.at(-1)!.kind === "closed"
      );
      assert.equal(closed.length, ranges.length, `${id} ends before its ranges`);
      this.ends.set(id, file);
    }
  }

  #recordCreated(key: string, seq: number, bytes: Uint8Array, file: string): void {
    const record = decodeRecord(bytes, file);
    const range = this.#rangeOf(key);
    const before = range.records.at(-1);
    assert.equal(seq, range.records.length, `${file} leaves a hole`);
    range.records.push(record);
    if (before === undefined) return assert.equal(record.kind, "genesis");
    assert(before.kind !== "closed", `${file} comes after the end`);
    assert(samePosition(record.from, before.to), `${file} begins elsewhere`);
    assert(comparePositions(record.from, record.to) <= 0, `${file} goes back`);
    if (record.kind === "batch") this.#chunkCreated(key, range, record, file);
    else if (record.kind === "emptied") this.#emptiedCreated(range, record, file);
    else if (record.kind === "closed") this.#closedCreated(range, record.reason, file);
    else {assert(
        record.kind === "heartbeat" || record.kind === "settings",
        `${file}: ${record.kind}`,
      );}
    this.#checkDurable(range, record, before, file);
  }

  #checkDurable(
    range: SeenRange,
    record: JournalRecord,
    before: JournalRecord,
    file: string,
  ): void {
    for (let each = before.durableThrough + 1; each <= record.durableThrough; each++) {
      const chunk = range.chunks.get(each);
      const isRight = chunk === undefined || chunk.isEmptied || chunk.content === "whole";
      assert(isRight, `${file} says that chunk ${each} is there, and it is ${chunk?.content}`);
    }
  }

  #rangeOf(key: string): SeenRange {
    const known = this.ranges.get(key);
    if (known !== undefined) return known;
    const { id, index } = parseRangeKey(key)!;
    const plan = this.plans.get(id);
    assert(plan !== undefined, `${key} begins without a plan`);
    const begun = { plan, index, records: [], chunks: new Map(), holes: [], row: 0 };
    const range = { ...begun, forward: undefined, atLeast: plan.floor };
    this.ranges.set(key, range);
    return range;
  }

  #chunkCreated(key: string, range: SeenRange, record: BatchRecord, file: string): void {
    const { chunk, objects, deadLetters } = record;
    assert(chunk !== undefined, `${file} is no chunk`);
    assert(compareClusterTimes(chunk.at, range.atLeast) >= 0, `${file} is of too early a time`);
    assert.equal(chunk.row, range.row, `${file} counts its rows from elsewhere`);
    this.#checkPlace(range, chunk, file);
    const documents = this.#documentsOf(range, chunk, file);
    const rows = objects.reduce((sum, each) => sum + each.rows, 0) +
      deadLetters.reduce((sum, { events }) => sum + events.length, 0);
    assert.equal(rows, documents.length, `${file}: documents of the chunk`);
    assert(objects.length <= 1, `${file} names ${objects.length} objects`);
    range.row += rows;
    range.atLeast = laterTime(range.atLeast, chunk.at);
    if (!namesObjects(record)) return;
    const content = "none" as const;
    const seen = { key, record: { ...record, chunk }, documents, content, isEmptied: false };
    range.chunks.set(record.seq, seen);
    for (const object of [...objects, ...deadLetters]) {
      this.#named.set(object.key, { range: key, seq: record.seq });
    }
  }

  /** What was emptied comes first, then what follows the last chunk. */
  #checkPlace(range: SeenRange, chunk: Chunk, file: string): void {
    const [hole, ...others] = range.holes;
    assert.equal(chunk.repeats, hole?.seq, `${file} repeats another chunk`);
    if (hole === undefined) {
      const last = range.forward;
      const isNext = last === undefined || chunk.piece > last.piece
        ? chunk.from === undefined
        : chunk.piece === last.piece && chunk.from === last.to && last.to !== undefined;
      assert(isNext, `${file} leaves documents out, or has some again`);
      range.forward = chunk;
      return;
    }
    const emptied = range.chunks.get(hole.seq)!.record.chunk;
    assert.equal(chunk.piece, emptied.piece, `${file} repeats another piece`);
    assert.equal(chunk.from, hole.from, `${file} repeats from elsewhere`);
    const isDone = chunk.superseded === true || chunk.to === emptied.to;
    range.holes = isDone ? others : [{ ...hole, from: chunk.to }, ...others];
  }

  /** What the server had of a chunk's part at the chunk's time. */
  #documentsOf({ plan, index }: SeenRange, chunk: Chunk, file: string): BSON.Document[] {
    const piece = plan.ranges[index - 1]!.pieces[chunk.piece]!;
    const name = `${piece.database}.${piece.collection}`;
    if (chunk.superseded) {
      assert(!this.#isSameSince(chunk.at, name, piece.uuid), `${file}: it is the same collection`);
      return [];
    }
    const collection = this.#documents.at(chunk.at).get(name);
    assert.equal(collection?.uuid, piece.uuid, `${file} is of another collection`);
    const { documents } = collection!;
    if (piece.only !== undefined) {
      const only = idOf(piece.only);
      return [...documents].filter(([id]) => id === only).map(([, document]) => document);
    }
    return documentsBetween(documents, idOf(chunk.from ?? piece.from), idOf(chunk.to ?? piece.to));
  }

  /**
   * Whether a name was one collection's from a time until now. If not, it need not be read: one that came after the floor is in
   * the stream from its beginning on, also where a server says so that has not come to that beginning.
   */
  #isSameSince(since: ClusterTime, name: string, uuid: string): boolean {
    const now = this.#serverTime();
    const changes = this.#documents.entries.filter(({ time, change: { operation } }) =>
      ["drop", "dropDatabase", "rename"].includes(operation) &&
      compareClusterTimes(time, since) > 0 && compareClusterTimes(time, now) <= 0
    );
    return [since, ...changes.map(({ time }) => time), now]
      .every((time) => this.#documents.at(time).get(name)?.uuid === uuid);
  }

  #emptiedCreated(range: SeenRange, { chunks }: EmptiedRecord, file: string): void {
    for (const seq of chunks) {
      const chunk = range.chunks.get(seq);
      assert(
        chunk?.content === "empty",
        `${file}: what lies under chunk ${seq} is ${chunk?.content}`,
      );
      assert(!chunk.isEmptied, `${file}: chunk ${seq} is emptied twice`);
      chunk.isEmptied = true;
      const { from } = chunk.record.chunk;
      range.holes.push({ seq, from });
    }
  }

  #closedCreated(range: SeenRange, reason: string, file: string): void {
    if (reason !== RANGE_CANCELLED) {
      assert.deepEqual(range.holes, [], `${file} leaves chunks that are to be repeated`);
    }
    for (const [seq, { content, isEmptied }] of range.chunks) {
      assert(isEmptied || content === "whole", `${file}: chunk ${seq} is ${content}`);
    }
  }

  #objectCreated(key: string, bytes: Uint8Array): void {
    const { range, seq } = this.#named.get(key)!;
    const seen = this.ranges.get(range)!;
    const chunk = seen.chunks.get(seq)!;
    assert.equal(chunk.content, "none", `${key} is written twice`);
    if (bytes.length === 0) {
      chunk.content = "empty";
      return;
    }
    const { record: { objects, chunk: { at, row } } } = chunk;
    assert.equal(bytes.length, objects[0]!.bytes, `the size of ${key}`);
    const suffix = rowSuffix(seen.plan.id, seen.index);
    const tokens = chunk.documents.map((_, i) => rowToken(at, suffix, row + i));
    assert.deepEqual(tokensInObject(bytes), tokens, `the rows of ${key}`);
    chunk.content = "whole";
  }
}
