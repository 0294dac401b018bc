import { EncoderCrashError, errorMessage, FencedError, HistoryLostError } from "../model/errors.ts";
import {
  type BatchRecord,
  type DeadLetterEntry,
  type JournalRecord,
  namesObjects,
  type ObjectEntry,
  type VoidRecord,
} from "../model/record.ts";
import { comparePositions } from "../model/position.ts";
import { mapLimited } from "../support/limited.ts";
import { appendRecord } from "./append_record.ts";
import type { Batch, BatchObject } from "./batcher.ts";
import { deadLetterBytes } from "./dead_letters.ts";
import { encodeObject } from "./encode_batch.ts";
import type { JournalTail } from "./journal_tail.ts";
import { readRange } from "./read_range.ts";
import type { Lease } from "./stages.ts";
import { openEarliest } from "./start_position.ts";
import type { StreamContext } from "./stream_context.ts";

/** A failure that may lie in an event itself is given this many chances before the objects are given up. */
const REMAKE_TRIES_MAX = 3;

const HEADS_IN_FLIGHT_MAX = 16;

type VoidedObject = VoidRecord["objects"][number];

/** Objects of a record to be made. */
export interface Missing {
  readonly record: BatchRecord;
  readonly objects: readonly ObjectEntry[];
  readonly deadLetters: boolean;
}

/**
 * Finishes what the last records of a journal name: looks for their objects and makes the missing ones from the same
 * range, read again with the settings of that time. Objects that cannot be made any more are named in a `void` record.
 * Afterwards everything in the journal is settled.
 */
export async function redo(context: StreamContext, lease: Lease, tail: JournalTail): Promise<void> {
  const voided: VoidedObject[] = [];
  const reasons = new Set<string>();
  const { seq: lastSeq, durableThrough } = tail.last;
  for (let seq = durableThrough + 1; seq <= lastSeq; seq++) {
    const record = seq === lastSeq ? tail.last : await context.journal.read(context.key, seq);
    const missing = await findMissing(context, record);
    if (missing === undefined) continue;
    const make = () => remake(context, lease, tail, missing);
    const failures = await context.redos.run(make, lease.signal);
    for (const { entry, reason } of failures) {
      voided.push({ seq, key: entry.key, rows: entry.rows });
      reasons.add(reason);
    }
  }
  if (voided.length === 0) return;
  const reason = [...reasons].join("; ");
  const record = tail.next({ kind: "void", to: tail.position, objects: voided, reason });
  await appendRecord(context, lease, record);
  tail.appended(record, true);
  context.observe({ type: "objects-voided", objects: voided.length, reason });
}

/** What a record names and the destination does not have; undefined if all is there. */
export async function findMissing(
  context: Pick<StreamContext, "destination">,
  record: JournalRecord | undefined,
): Promise<Missing | undefined> {
  if (record === undefined || !namesObjects(record)) return undefined;
  const isMissing = async (key: string): Promise<boolean> =>
    await context.destination.head(key) === undefined;
  const flags = await mapLimited(record.objects, HEADS_IN_FLIGHT_MAX, (o) => isMissing(o.key));
  const objects = record.objects.filter((_, i) => flags[i]);
  const letter = record.deadLetters[0];
  const deadLetters = letter !== undefined && await isMissing(letter.key);
  return objects.length === 0 && !deadLetters ? undefined : { record, objects, deadLetters };
}

interface Failure {
  readonly entry: { readonly key: string; readonly rows: number };
  readonly reason: string;
}

/** Makes what is missing of one record, and says so; answers what cannot be made. */
async function remake(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  missing: Missing,
): Promise<Failure[]> {
  const { seq } = missing.record;
  const count = missing.objects.length + (missing.deadLetters ? 1 : 0);
  context.observe({ type: "redo-started", seq, objects: count });
  const failures = await remakeObjects(context, lease, tail, missing);
  context.observe({ type: "redo-finished", seq, objects: count - failures.length });
  return failures;
}

async function remakeObjects(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  { record, objects, deadLetters }: Missing,
): Promise<Failure[]> {
  const put = async (key: string, bytes: Uint8Array): Promise<void> => {
    if (!lease.isValid()) {
      throw new FencedError(`Stopped the redo before ${key}: the lease has ended`);
    }
    await context.destination.putIfAbsent(key, bytes);
  };
  const letters = deadLetters ? record.deadLetters : [];
  const batch = await readRecordRange(context, lease, tail, record);
  if (typeof batch === "string") {
    const lost = [...objects, ...letters.map((l) => ({ key: l.key, rows: l.events.length }))];
    return lost.map((entry) => ({ entry, reason: batch }));
  }
  const failures: Failure[] = [];
  for (const letter of letters) {
    const made = remakeLetter(letter, batch);
    const entry = { key: letter.key, rows: letter.events.length };
    if (typeof made === "string") failures.push({ entry, reason: made });
    else await put(letter.key, made);
  }
  for (const entry of objects) {
    const made = await remakeObject(context, tail, entry, batch);
    if (typeof made === "string") failures.push({ entry, reason: made });
    else await put(entry.key, made);
  }
  return failures;
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
    if (!(error instanceof HistoryLostError) || context.options.onHistoryLost !== "restart") {
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
      const { encoding } = tail.facts.settings;
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
  const chunks = object.chunks.map((c) => ({ bytes: c.bytes.slice(), starts: c.starts.slice() }));
  return { ...object, chunks };
}
