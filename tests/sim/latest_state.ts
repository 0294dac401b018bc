import assert from "node:assert/strict";
import { BSON } from "mongodb";
import type { Stream } from "../../src/model/stream.ts";
import type { MemoryEntry } from "../../src/source/memory/memory_oplog.ts";
import type { SeenJournal } from "./seen_journal.ts";
import type { RangeInspector } from "./range_inspector.ts";
import type { SimWorld } from "./sim_world.ts";

/** A row as a reader of the lake has it. */
interface Row {
  readonly operation: string;
  readonly database: string;
  readonly collection: string | null;
  readonly document_key: { readonly _id: { readonly $oid: string } } | null;
  readonly full_document: Record<string, unknown> | null;
  readonly resume_token: string;
}

/**
 * Asserts that who applies the one rule to all rows has the collections as the server has them, for each target that has a
 * snapshot or began empty, and that no document has two rows of one snapshot.
 *
 * @param missing the tokens of events of which a record says that they are in no table
 */
export async function assertLatestState(
  world: SimWorld,
  missing: ReadonlySet<string>,
): Promise<void> {
  const { inspector: { ranges, journals }, documents, oplog } = world;
  assert.deepEqual(ranges.unfinished(), [], "snapshots are not complete");
  const known = [
    ...[...ranges.intents.values()].map(({ stream }) => stream),
    ...[...journals.values()].filter(beganEmpty).map(({ stream }) => stream),
  ];
  if (known.length === 0) return;
  const rows = await readRows(world);
  assertOneSnapshotRow(rows);
  const present = documents.at(oplog.operationTime);
  const names = new Set(
    documents.entries.flatMap(({ change: { database, collection, to } }) =>
      [collection, to].filter((name) => name !== undefined).map((name) => `${database}.${name}`)
    ),
  );
  for (const name of names) {
    if (!known.some((stream) => covers(stream, name))) continue;
    const unknown = unknownOf(documents.entries, name, missing);
    const state = stateOf(name, rows, documents.entries);
    const before = goneBefore(ranges, name);
    const found = present.get(name)?.documents ?? new Map();
    for (const id of new Set([...state.keys(), ...found.keys()])) {
      const last = state.get(id);
      const lost = unknown(id);
      const isKnown = last !== undefined && last.token > before;
      if (lost !== undefined && lost > (isKnown ? last.token : before)) continue;
      const is = isKnown ? last.document : undefined;
      assert.deepEqual(is, fieldsOf(found.get(id)), `the state of ${id} in ${name}`);
    }
  }
}

function beganEmpty({ records: [first] }: SeenJournal): boolean {
  return first?.kind === "genesis" && first.wasEmpty === true;
}

async function readRows(world: SimWorld): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const [key, bytes] of world.everStored()) {
    if (key.startsWith("_tributary/")) continue;
    const text = new TextDecoder().decode(bytes);
    for (const line of text.split("\n")) if (line !== "") rows.push(JSON.parse(line));
  }
  return rows;
}

/** The token of a snapshot's row has the snapshot behind its time. */
const SNAPSHOT_AT = 20;
const SNAPSHOT_DIGITS = 8;

function assertOneSnapshotRow(rows: readonly Row[]): void {
  const seen = new Set<string>();
  for (const { operation, resume_token: token, ...row } of rows) {
    if (operation !== "snapshot") continue;
    const snapshot = token.slice(SNAPSHOT_AT, SNAPSHOT_AT + SNAPSHOT_DIGITS);
    const document = `${snapshot} ${row.database}.${row.collection} ${row.document_key!._id.$oid}`;
    assert(!seen.has(document), `${document} has two rows of one snapshot`);
    seen.add(document);
  }
}

/** The token without a greater one than which documents of a collection are gone. */
function goneBefore({ ends }: RangeInspector, name: string): string {
  const texts = [...ends.values()].filter(({ before, database, collection, except = [] }) => {
    const isMeant = before !== undefined &&
      (database === null || name.startsWith(`${database}.`)) &&
      (collection === null || name === `${database}.${collection}`);
    return isMeant && !except.some((each) => name === `${each.database}.${each.collection}`);
  }).map(({ before }) => before!);
  return texts.sort().at(-1) ?? "";
}

export function covers(stream: Stream, name: string): boolean {
  if (stream.level === "deployment") return true;
  if (stream.level === "database") return name.startsWith(`${stream.database}.`);
  return name === `${stream.database}.${stream.collection}`;
}

interface Known {
  readonly token: string;
  /** Absent: deleted. */
  readonly document?: unknown;
}

function stateOf(
  name: string,
  rows: readonly Row[],
  entries: readonly MemoryEntry[],
): Map<string, Known> {
  const ended = lastEnd(entries, name);
  const state = new Map<string, Known>();
  for (
    const { operation, database, collection, document_key, full_document, resume_token } of rows
  ) {
    if (`${database}.${collection}` !== name || document_key === null) continue;
    const id = document_key._id.$oid;
    const isLater = resume_token > (state.get(id)?.token ?? "");
    if (!isLater) continue;
    const isGone = operation === "delete" || resume_token < ended;
    state.set(id, {
      token: resume_token,
      ...(isGone ? {} : { document: fieldsOf(full_document) }),
    });
  }
  return state;
}

/** The token of the last event by which all documents of before are gone. */
function lastEnd(entries: readonly MemoryEntry[], name: string): string {
  const ends = entries.filter(({ change: { operation, database, collection, to } }) => {
    if (operation === "dropDatabase") return name.startsWith(`${database}.`);
    const isEnd = operation === "drop" || operation === "rename";
    return isEnd && [collection, to].some((each) => `${database}.${each}` === name);
  });
  return ends.at(-1)?.data ?? "";
}

/** Of a document of a collection, the token of its last event that is in no table. */
function unknownOf(
  entries: readonly MemoryEntry[],
  name: string,
  missing: ReadonlySet<string>,
): (id: string) => string | undefined {
  const tokens = new Map<string, string>();
  let all = "";
  for (const { data, change: { operation, database, collection, id, to } } of entries) {
    // A collection that is renamed brings documents, which are read where the event is seen.
    if (operation === "rename" && `${database}.${to}` === name && missing.has(data)) all = data;
    if (`${database}.${collection}` !== name || id === undefined || !missing.has(data)) continue;
    tokens.set(id.toHexString(), data);
  }
  return (id) => [all, tokens.get(id) ?? ""].sort().at(-1) || undefined;
}

function fieldsOf(document: BSON.Document | null | undefined): unknown {
  if (document === null || document === undefined) return undefined;
  const { _id: _, ...fields } = document;
  return JSON.parse(BSON.EJSON.stringify(fields));
}
