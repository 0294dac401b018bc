import {
  EncoderCrashError,
  errorMessage,
  FencedError,
  HistoryLostError,
} from "../../model/errors.ts";
import {
  type BatchRecord,
  type DeadLetterEntry,
  namesObjects,
  type ObjectEntry,
  type RemadeEntry,
  type VoidRecord,
} from "../../model/record.ts";
import { comparePositions } from "../../model/position.ts";
import { rowEncoding } from "../../model/settings.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { appendRecord } from "../record/append_record.ts";
import type { Batch, BatchObject } from "../batch/batcher.ts";
import { deadLetterBytes } from "../batch/dead_letters.ts";
import { encodeObject } from "../batch/encode_batch.ts";
import type { JournalTail, RecordContent } from "../record/journal_tail.ts";
import { carriesRecordId } from "../record/object_key.ts";
import { announceLoss } from "./announce_loss.ts";
import { openEarliest } from "./open_earliest.ts";
import { type ChunkRecord, redoChunk } from "./redo_chunk.ts";
import { readRange } from "../batch/read_range.ts";
import type { Lease } from "../ports.ts";
import { isSameObject, isWhole } from "../record/stored_object.ts";
import type { FoundObjects } from "../sink.ts";
import type { StreamContext } from "../stream_context.ts";

/** A failure that may lie in an event itself is given this many chances before the objects are given up. */
const REMAKE_TRIES_MAX = 3;

type VoidedObject = VoidRecord["objects"][number];

/**
 * Finishes what the last records of a journal name: looks for their objects and makes the missing ones from the same
 * range, read again with the settings of that time. Objects that cannot be made any more are named in a `void` record,
 * and those that have other bytes now (a document that is looked up may have changed) are noted in a heartbeat.
 * Afterwards everything in the journal is settled.
 */
export async function redo(context: StreamContext, lease: Lease, tail: JournalTail): Promise<void> {
  const emptied: number[] = [];
  const voided: VoidedObject[] = [];
  const remade: RemadeEntry[] = [];
  const reasons = new Set<string>();
  const { seq: lastSeq, durableThrough } = tail.last;
  for (let seq = durableThrough + 1; seq <= lastSeq; seq++) {
    const record = seq === lastSeq ? tail.last : await context.journal.read(context.key, seq);
    if (record === undefined || !namesObjects(record)) continue;
    const found = await context.sink.look(record);
    if (record.chunk !== undefined) {
      const redone = () => redoChunk(context, lease, tail, record as ChunkRecord, found);
      if (await context.redos.run(redone, lease.signal) === "emptied") emptied.push(seq);
      continue;
    }
    remade.push(...found.remade);
    if (isWhole(found)) continue;
    const make = () => remake(context, lease, tail, { record, found, remade });
    const failures = await context.redos.run(make, lease.signal);
    for (const { entry, reason } of failures) {
      voided.push({ seq, key: entry.key, rows: entry.rows });
      reasons.add(reason);
    }
  }
  if (emptied.length > 0) {
    await append(context, lease, tail, { kind: "emptied", to: tail.position, chunks: emptied });
  }
  if (voided.length > 0) {
    const reason = [...reasons].join("; ");
    await announceLoss(context, tail, lease.signal);
    await append(context, lease, tail, {
      kind: "void",
      to: tail.position,
      objects: voided,
      reason,
    });
    context.observe({ type: "objects-voided", objects: voided.length, reason });
  }
  await noteRemade(context, lease, tail, remade);
}

/** Version 1 has no place for it: there `verify` reads what has another size. */
async function noteRemade(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  remade: readonly RemadeEntry[],
): Promise<void> {
  const identity = tail.newIdentity();
  if (remade.length === 0 || identity.v === 1) return;
  await append(context, lease, tail, { kind: "heartbeat", to: tail.position, remade }, identity);
}

async function append(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  content: RecordContent,
  identity = tail.newIdentity(),
): Promise<void> {
  const record = tail.next(content, identity);
  await appendRecord(context, lease, record);
  tail.appended(record, true);
}

interface Failure {
  readonly entry: { readonly key: string; readonly rows: number };
  readonly reason: string;
}

/** One record's part of a redo; what is made otherwise than recorded is added to `remade`. */
interface Part {
  readonly record: BatchRecord;
  readonly found: FoundObjects;
  readonly remade: RemadeEntry[];
}

/** Makes what is missing of one record, and says so; answers what cannot be made. */
async function remake(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  part: Part,
): Promise<Failure[]> {
  const { record: { seq }, found } = part;
  const count = found.missing.length + found.disputed.length + found.missingLetters.length;
  context.observe({ type: "redo-started", seq, objects: count });
  const failures = await remakeObjects(context, lease, tail, part);
  context.observe({ type: "redo-finished", seq, objects: count - failures.length });
  return failures;
}

async function remakeObjects(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  part: Part,
): Promise<Failure[]> {
  const { record, found } = part;
  const objects = [...found.missing, ...found.disputed];
  const batch = await readRecordRange(context, lease, tail, record);
  if (typeof batch === "string") {
    const lost = [...objects, ...found.missingLetters.map(asRows)];
    return lost.map((entry) => ({ entry, reason: batch }));
  }
  const failures: Failure[] = [];
  for (const letter of found.missingLetters) {
    const made = remakeLetter(letter, batch);
    const reason = typeof made === "string"
      ? made
      : await store(context, lease, part, letter, made);
    if (reason !== undefined) failures.push({ entry: asRows(letter), reason });
  }
  for (const entry of objects) {
    const made = await remakeObject(context, tail, entry, batch);
    const reason = typeof made === "string" ? made : await store(context, lease, part, entry, made);
    if (reason !== undefined) failures.push({ entry, reason });
  }
  return failures;
}

function asRows({ key, events }: DeadLetterEntry): Failure["entry"] {
  return { key, rows: events.length };
}

/** Puts what was made under the key that the record names; answers why it cannot lie there. */
async function store(
  context: StreamContext,
  lease: Lease,
  { record, remade }: Part,
  entry: ObjectEntry | DeadLetterEntry,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const { key } = entry;
  if (!lease.isValid()) {
    throw new FencedError(`Stopped the redo before ${key}: the lease has ended`);
  }
  const crc32 = crc32Hex(bytes);
  const made = { seq: record.seq, key, bytes: bytes.byteLength, crc32 };
  // It may have been there, or the record's writer, frozen until now, has just brought it.
  const { stored } = await context.sink.deliver(key, bytes, crc32);
  if (isSameObject(stored, entry)) return undefined;
  if (isSameObject(stored, made)) {
    remade.push(made);
    return undefined;
  }
  if (!carriesRecordId(key, record.id)) return "another object lies under its key";
  remade.push({ seq: record.seq, key, ...await context.sink.describe(key) });
  return undefined;
}

/** The events of a record's range; the reason as text if they are gone for ever and the user accepts that. */
async function readRecordRange(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  record: BatchRecord,
): Promise<Batch | undefined | string> {
  const letters = record.deadLetters.flatMap((l) => l.events);
  const setAside = new Map(letters.map((e) => [e.data, e.reason]));
  // All records that are not durable were made with the settings in force now: a change waits for durability.
  const { settings } = tail.facts;
  try {
    return await readRange(
      context,
      { from: record.from, to: record.to, settings, setAside },
      lease.signal,
    );
  } catch (error) {
    if (!(error instanceof HistoryLostError) || context.options.onHistoryLost === "fail") {
      throw error;
    }
    // A server that has not come so far yet, or not again, may still bring the events.
    const oldest = await openEarliest(context, lease.signal);
    if (comparePositions(oldest, record.from) <= 0) throw error;
    return errorMessage(error);
  }
}

/** The bytes of the dead letters that a record names and no others, or why they cannot be made. */
function remakeLetter(letter: DeadLetterEntry, batch: Batch | undefined): Uint8Array | string {
  const named = new Set(letter.events.map(({ data }) => data));
  const events = (batch?.unreadable ?? []).filter(({ data }) => named.has(data));
  if (events.length === named.size) return deadLetterBytes(events);
  return `${events.length} dead letters are found, ${named.size} were recorded`;
}

/** The bytes of an object that a record names, or why they cannot be made. */
async function remakeObject(
  context: StreamContext,
  tail: JournalTail,
  entry: ObjectEntry,
  batch: Batch | undefined,
): Promise<Uint8Array | string> {
  const object = batch?.objects.find((o) =>
    o.database === entry.database && o.collection === entry.collection && o.bucket === entry.bucket
  );
  if (object === undefined) return "its events are not found any more";
  for (let attempt = 1;; attempt++) {
    try {
      const encoding = rowEncoding(tail.facts.settings);
      const made = await encodeObject(context.encoder, encoding, copyOf(object));
      if (made.object.rows === entry.rows) return made.object.bytes;
      return `${made.object.rows} rows are found, ${entry.rows} were recorded`;
    } catch (error) {
      if (!(error instanceof EncoderCrashError)) throw error;
      if (attempt >= REMAKE_TRIES_MAX) return errorMessage(error);
    }
  }
}

/** An encoder takes its chunks away; a second try needs them again. */
function copyOf(object: BatchObject): BatchObject {
  const chunks = object.chunks.map((c) => ({
    ...c,
    bytes: c.bytes.slice(),
    starts: c.starts.slice(),
  }));
  return { ...object, chunks };
}
