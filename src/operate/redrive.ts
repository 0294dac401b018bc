/**
 * Makes rows of dead letters after all: of events that no earlier version could make rows of, and this one can.
 *
 * A redrive is noted before its objects are written, and names their keys and events; the first note with its number
 * counts. So whoever comes after a crash, or at the same time, makes those objects and no others, and an event is
 * redriven once.
 */
import { positionOfEvent } from "../bson/event/event_position.ts";
import { EventSpans } from "../bson/event/event_spans.ts";
import { EncoderCrashError, errorMessage, PermanentError } from "../model/errors.ts";
import {
  type Letter,
  type LetterFile,
  type Redrive,
  redrivenEvents,
  type RedrivenObject,
} from "../model/redrive.ts";
import { fileExtension } from "../model/format.ts";
import type { RowEncoding, StreamSettings } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";
import { concatBytes } from "../support/bytes/concat_bytes.ts";
import { crc32Hex } from "../support/bytes/crc32.ts";
import { type Batch, Batcher, type BatchObject } from "../pipeline/batch/batcher.ts";
import { encodeBatch, type EncodedBatch } from "../pipeline/batch/encode_batch.ts";
import { assertKeyFits } from "../pipeline/record/key_room.ts";
import { redrivenKey } from "../pipeline/record/object_key.ts";
import type { Encoder, Journal, Redrives } from "../pipeline/ports.ts";
import type { Sink } from "../pipeline/sink.ts";

const NO_LIMITS = {
  rowsMax: Number.MAX_SAFE_INTEGER,
  bytesMax: Number.MAX_SAFE_INTEGER,
  objectsMax: Number.MAX_SAFE_INTEGER,
};

export interface RedriveParts {
  readonly journal: Pick<Journal, "read" | "last">;
  readonly redrives: Redrives;
  readonly sink: Pick<Sink, "deliver" | "head" | "keyFault">;
  readonly encoder: Encoder;
  /** The version of rows that the encoder makes. */
  readonly encoderVersion: number;
  /** What is removed beside what the journal's settings say. */
  readonly redact: readonly string[];
  /** The event, which these stages have made, without the fields with these paths. */
  removeFields(
    event: Uint8Array,
    paths: readonly string[],
    stages: StreamSettings["stages"],
  ): Uint8Array;
  readonly by: string;
  /** Wall clock, ISO 8601. */
  readonly now: () => string;
}

export interface RedriveReport {
  readonly streamKey: string;
  readonly seq: number;
  /** The objects with rows of this redrive, and of those before it that had not been finished. */
  readonly made: readonly RedrivenObject[];
  /** Events that were rows before. */
  readonly earlier: number;
  /** Events that stay dead letters, and why. */
  readonly left: readonly { readonly data: string; readonly reason: string }[];
}

/** Finishes what was begun, and makes rows of what can be a row now. */
export async function redriveLetters(
  parts: RedriveParts,
  file: LetterFile,
  letters: readonly Letter[],
): Promise<RedriveReport> {
  const { streamKey, record: { seq } } = file;
  const plan = await planOf(parts, file);
  const made: RedrivenObject[] = [];
  let redrives = file.redrives;
  const before = redrivenEvents(redrives);
  for (;;) {
    for (const redrive of redrives) made.push(...await finish(parts, file, plan, letters, redrive));
    const done = redrivenEvents(redrives);
    const { batch, left } = await sift(parts, plan, letters.filter(({ data }) => !done.has(data)));
    const earlier = before.size;
    if (batch === undefined) return { streamKey, seq, made, earlier, left };
    const redrive = describe(parts, file, plan, batch, redrives);
    if (await parts.redrives.put(streamKey, redrive) === "exists") {
      // Somebody else does the same at this moment.
      redrives = await parts.redrives.read(streamKey, seq);
      continue;
    }
    await store(parts, redrive, batch.encoded);
    return { streamKey, seq, made: [...made, ...redrive.objects], earlier, left };
  }
}

/** How rows of a record's events are made now. */
interface Plan {
  readonly stream: Stream;
  /** Those of the record, so that rows lie beside its others, in their format. */
  readonly settings: StreamSettings;
  readonly redact: readonly string[];
}

async function planOf(parts: RedriveParts, { streamKey, record }: LetterFile): Promise<Plan> {
  const { journal, redact } = parts;
  const [genesis, last] = await Promise.all([journal.read(streamKey, 0), journal.last(streamKey)]);
  const [then, now] = await Promise.all(
    [record.settingsSeq, last?.settingsSeq ?? record.settingsSeq].map(async (seq) => {
      const found = await journal.read(streamKey, seq);
      return found?.kind === "genesis" || found?.kind === "settings" ? found.settings : undefined;
    }),
  );
  if (genesis?.kind !== "genesis" || then === undefined) {
    throw new PermanentError(
      `Cannot redrive dead letters of ${streamKey}: the records with its settings are gone`,
    );
  }
  // Whatever is to be kept out of the lake now must not come in by this way.
  const all = [...then.redact ?? [], ...now?.redact ?? [], ...redact];
  return { stream: genesis.stream, settings: then, redact: [...new Set(all)].sort() };
}

interface EncodedLetters {
  readonly groups: readonly { readonly object: BatchObject; readonly events: readonly string[] }[];
  readonly encoded: EncodedBatch;
}

/** Tries each event alone; those of which a row can be made are encoded together. */
async function sift(
  parts: RedriveParts,
  plan: Plan,
  letters: readonly Letter[],
): Promise<{ batch?: EncodedLetters; left: RedriveReport["left"] }> {
  const left: { data: string; reason: string }[] = [];
  const good: Letter[] = [];
  const encoding = { ...plan.settings.encoding, encoderVersion: parts.encoderVersion };
  for (const letter of letters) {
    const reason = letter.isWhole
      ? await faultOf(parts, plan, encoding, letter)
      : `it is not the event as it should be, for the server could not produce that: ${letter.reason}`;
    if (reason === undefined) good.push(letter);
    else left.push({ data: letter.data, reason });
  }
  if (good.length === 0) return { left };
  const batch = await encodeLetters(parts, plan, encoding, good);
  if (batch.encoded.deadLetters.length > 0) {
    throw new Error("Events that could be rows one by one cannot be together");
  }
  return { batch, left };
}

async function faultOf(
  parts: RedriveParts,
  plan: Plan,
  encoding: RowEncoding,
  letter: Letter,
): Promise<string | undefined> {
  if (letter.damage !== undefined) return letter.damage;
  try {
    const { encoded } = await encodeLetters(parts, plan, encoding, [letter]);
    return encoded.deadLetters[0]?.reason;
  } catch (error) {
    if (!(error instanceof EncoderCrashError)) throw error;
    return errorMessage(error);
  }
}

async function encodeLetters(
  { encoder, removeFields }: RedriveParts,
  plan: Plan,
  encoding: RowEncoding,
  letters: readonly Letter[],
): Promise<EncodedLetters> {
  const { redact, settings: { stages } } = plan;
  const events = letters.map(({ event }) =>
    redact.length === 0 ? event : removeFields(event, redact, stages)
  );
  const batch = batchOf(plan, events);
  // The encoder takes the chunks away.
  const groups = batch.objects.map((object) => ({ object, events: tokensOf(object) }));
  return { groups, encoded: await encodeBatch(encoder, encoding, batch) };
}

function batchOf({ stream, settings }: Plan, events: readonly Uint8Array[]): Batch {
  let at = 0;
  const starts = Uint32Array.from(events, (event) => (at += event.length) - event.length);
  const from = { operationTime: { t: 0, i: 0 }, data: "" };
  const batcher = new Batcher(stream, from, settings.keyRule.bucket, NO_LIMITS);
  const reply = {
    bytes: concatBytes(events),
    starts,
    highWater: from,
    invalidated: false,
    waitMs: 0,
  };
  batcher.add({ reply, next: 0 });
  return batcher.cut()!;
}

function tokensOf({ chunks }: BatchObject): string[] {
  const spans = new EventSpans();
  return chunks.flatMap(({ bytes, starts }) =>
    [...starts].map((start) => positionOfEvent(bytes, start, spans).data)
  );
}

function describe(
  { sink, encoderVersion, by, now }: RedriveParts,
  { streamKey, record }: LetterFile,
  { settings, redact }: Plan,
  { groups, encoded }: EncodedLetters,
  redrives: readonly Redrive[],
): Redrive {
  const first = redrives.reduce((sum, { objects }) => sum + objects.length, 0);
  const objects = encoded.objects.map((object, i): RedrivenObject => {
    const { database, collection, bucket, rows, bytes, crc32 } = object;
    const name = {
      streamKey,
      seq: record.seq,
      recordId: record.id,
      index: first + i,
      extension: fileExtension(settings.encoding),
    };
    const key = redrivenKey(settings.keyRule, object, bucket, name);
    assertKeyFits(sink, key);
    return {
      ...{ key, database, collection, bucket, rows, bytes: bytes.byteLength, crc32 },
      events: groups[i]!.events,
    };
  });
  return {
    seq: record.seq,
    number: redrives.length,
    recordId: record.id,
    redrivenAt: now(),
    by,
    encoding: settings.encoding,
    encoderVersion,
    ...(redact.length === 0 ? {} : { redact }),
    objects,
  };
}

async function store(
  { sink }: RedriveParts,
  { objects }: Redrive,
  { objects: encoded }: EncodedBatch,
): Promise<void> {
  for (const [i, { key, crc32 }] of objects.entries()) {
    const { bytes } = encoded[i]!;
    await sink.deliver(key, bytes, crc32 ?? crc32Hex(bytes));
  }
}

/** Makes those objects of a redrive that a crash has kept from being written. */
async function finish(
  parts: RedriveParts,
  { record }: LetterFile,
  plan: Plan,
  letters: readonly Letter[],
  redrive: Redrive,
): Promise<RedrivenObject[]> {
  if (redrive.recordId !== record.id) {
    throw new PermanentError(
      `Cannot redrive the dead letters of record ${record.seq}: a redrive is noted of another ` +
        "record with this number, so the journal is another one than then",
    );
  }
  const made: RedrivenObject[] = [];
  for (const object of redrive.objects) {
    if (await parts.sink.head(object.key) !== undefined) continue;
    const bytes = await remake(parts, plan, letters, redrive, object);
    await parts.sink.deliver(object.key, bytes, crc32Hex(bytes));
    made.push(object);
  }
  return made;
}

async function remake(
  parts: RedriveParts,
  plan: Plan,
  letters: readonly Letter[],
  { encoding, encoderVersion, redact = [], seq }: Redrive,
  { key, rows, events }: RedrivenObject,
): Promise<Uint8Array> {
  if (encoderVersion > parts.encoderVersion) {
    throw new PermanentError(
      `Cannot finish the redrive of record ${seq}: a newer tributary has begun it; use that one`,
    );
  }
  const wanted = new Set(events);
  const chosen = letters.filter(({ data }) => wanted.has(data));
  const both = { ...plan, redact: [...new Set([...redact, ...plan.redact])].sort() };
  const { encoded } = await encodeLetters(parts, both, { ...encoding, encoderVersion }, chosen);
  const [object, ...others] = encoded.objects;
  if (object !== undefined && others.length === 0 && object.rows === rows) return object.bytes;
  throw new PermanentError(
    `Cannot finish the redrive of record ${seq}: ${key} should have ${rows} rows, and this ` +
      `tributary makes ${object?.rows ?? 0} of its events`,
  );
}
