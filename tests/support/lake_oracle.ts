import assert from "node:assert/strict";
import { BSON } from "bson";
import { type BatchRecord, type JournalRecord, namesObjects } from "../../src/model/record.ts";
import {
  comparePositions,
  compareTokens,
  type Position,
  samePosition,
} from "../../src/model/position.ts";
import { type Stream, streamKey } from "../../src/model/stream.ts";
import { invalidateEvent, type MemoryEntry } from "../../src/source/memory/memory_oplog.ts";
import { type LakeWorld, ORDERS } from "./lake_world.ts";

/** What a lake holds of a stream, as its journal and its objects say. */
export interface LakeContents {
  readonly records: readonly JournalRecord[];
  /** The tokens in the objects, in the journal's order. */
  readonly stored: readonly string[];
  /** The tokens in the dead letters. */
  readonly dead: readonly string[];
}

/**
 * Reads a lake from the outside and asserts what must hold of it at any moment: the journal is one chain, all that
 * lies there was named by a record first, an object holds what its record says, and all that is said to be durable is
 * there. Other objects may be missing unless `complete`; those that a `void` record names may always be.
 */
export async function readLake(
  world: LakeWorld,
  options: { readonly stream?: Stream; readonly complete?: boolean } = {},
): Promise<LakeContents> {
  const { stream = ORDERS, complete = true } = options;
  // In this order the answers fit together even while writers are at work.
  const keys = await objectKeys(world, stream);
  const records = await world.records(stream);
  assertChain(records);
  const batches = records.filter(namesObjects);
  const stored: string[] = [];
  const dead: string[] = [];
  const named = new Set<string>();
  const durableThrough = records.at(-1)?.durableThrough ?? -1;
  const voided = voidedKeys(records);
  const read = async (key: string, seq: number): Promise<Uint8Array | undefined> => {
    assert(!named.has(key), `${key} is named twice`);
    named.add(key);
    const bytes = await world.destination.get(key);
    const mayBeMissing = voided.has(key) || (!complete && seq > durableThrough);
    assert(bytes !== undefined || mayBeMissing, `${key} is not there`);
    return bytes;
  };
  for (const record of batches) {
    for (const { key, rows } of record.objects) {
      const bytes = await read(key, record.seq);
      if (bytes !== undefined) stored.push(...tokensOf(bytes, record, rows));
    }
    for (const { key, events } of record.deadLetters) {
      const bytes = await read(key, record.seq);
      if (bytes !== undefined) dead.push(...lettersOf(bytes, events.map((e) => e.data)));
    }
  }
  // An object is put after its record, so nothing may lie in the lake that no record names.
  for (const key of keys) assert(named.has(key), `${key} is there and no record names it`);
  return { records, stored, dead };
}

/** Asserts that the lake holds each event of the stream after the genesis once, and none else. */
export async function assertExactlyOnce(
  world: LakeWorld,
  options: { readonly stream?: Stream; readonly dead?: readonly string[] } = {},
): Promise<LakeContents> {
  const { stream = ORDERS } = options;
  const lake = await readLake(world, { stream });
  const isOwnRead = (data: string) => isReadByItself(lake.records, data);
  const { from } = lake.records[0]!;
  const expected = expectedTokens(world.oplog.entries, stream, from, isOwnRead);
  assert.deepEqual([...lake.dead].sort(), [...options.dead ?? []].sort());
  assert.deepEqual([...lake.stored, ...lake.dead].sort(), expected.sort());
  return lake;
}

/** Whether the record that covers a token was made with a change stream of the stream's own, which has invalidates. */
function isReadByItself(records: readonly JournalRecord[], data: string): boolean {
  const covering = records.find(({ to }) => compareTokens(data, to.data) <= 0) ?? records.at(-1)!;
  const record = records[covering.settingsSeq]!;
  assert(record.kind === "genesis" || record.kind === "settings");
  return record.settings.reading === undefined;
}

/** The tokens of the oplog's events that belong to a stream and come after a position. */
export function expectedTokens(
  entries: readonly MemoryEntry[],
  stream: Stream,
  from: Position,
  hasInvalidate: (data: string) => boolean = () => true,
): string[] {
  return entries.filter(({ change }) => {
    if (stream.level === "deployment") return true;
    if (change.database !== stream.database) return false;
    return stream.level === "database" || change.collection === stream.collection;
  }).filter(({ time, data }) => comparePositions({ operationTime: time, data }, from) > 0)
    .flatMap((entry) => {
      if (!invalidates(entry, stream)) return [entry.data];
      const { data } = invalidateEvent(entry);
      return hasInvalidate(data) ? [entry.data, data] : [entry.data];
    });
}

/** Whether the stream ends with this entry, and says so by an event of its own. */
function invalidates({ change }: MemoryEntry, stream: Stream): boolean {
  if (stream.level === "database") return change.operation === "dropDatabase";
  return stream.level === "collection" && change.operation === "drop";
}

function assertChain(records: readonly JournalRecord[]): void {
  for (const [seq, record] of records.entries()) {
    assert.equal(record.seq, seq);
    if (seq === 0) assert.equal(record.kind, "genesis");
    else assert(samePosition(record.from, records[seq - 1]!.to), `record ${seq} begins elsewhere`);
    assert(comparePositions(record.from, record.to) <= 0, `record ${seq} goes back`);
    const before = records[seq - 1]?.durableThrough ?? -1;
    assert(record.durableThrough >= before, `durableThrough goes back at ${seq}`);
  }
}

/** The keys of objects that cannot be made any more. */
function voidedKeys(records: readonly JournalRecord[]): Set<string> {
  const voids = records.filter((record) => record.kind === "void");
  return new Set(voids.flatMap((record) => record.objects.map(({ key }) => key)));
}

/** The tokens in a JSON Lines object, which must lie in its record's range, in order. */
function tokensOf(bytes: Uint8Array, record: BatchRecord, rows: number): string[] {
  const lines = new TextDecoder().decode(bytes).split("\n").filter((line) => line !== "");
  const tokens = lines.map((line) => String(JSON.parse(line).resume_token));
  assert.equal(tokens.length, rows);
  assert.deepEqual(tokens, [...tokens].sort());
  for (const token of tokens) {
    assert(token > record.from.data && token <= record.to.data, `${token} is out of range`);
  }
  return tokens;
}

function lettersOf(bytes: Uint8Array, recorded: readonly string[]): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true);
    tokens.push(BSON.deserialize(bytes.subarray(at, at + size))["_id"]._data);
    at += size;
  }
  assert.deepEqual([...tokens].sort(), [...recorded].sort());
  return tokens;
}

/** The keys of the stream's objects that are there, by their file names. */
async function objectKeys(world: LakeWorld, stream: Stream): Promise<string[]> {
  const keys = await world.destination.list("", { limit: Number.MAX_SAFE_INTEGER });
  return keys.filter((key) =>
    key.slice(key.lastIndexOf("/") + 1).startsWith(`${streamKey(stream)}-`)
  );
}
