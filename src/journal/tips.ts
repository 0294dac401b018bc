import { createHash } from "node:crypto";
import { PermanentError } from "../model/errors.ts";
import type { JournalRecord } from "../model/record.ts";
import { objectOf, oneOf, text, wholeNumber } from "../support/json_shape.ts";
import { tipKey } from "./journal_keys.ts";
import { type JournalStore, JSON_CONTENT } from "./object_journal.ts";
import { encodeRecord } from "./codec/record_codec.ts";
import { decodeFile, encodeFile, type FileForm } from "./codec/versioned_json.ts";

/** The version of tips that this program writes, and the last one that it reads. */
export const TIP_VERSION = 1;

/** How many records lie between two tips. */
export const RECORDS_PER_TIP = 1000;

/**
 * What the records from 0 to `seq` come to. It follows from them alone, so whoever makes it makes the same one.
 *
 * `hash` is a chain: the SHA-256, in hex, of the hash before (as text; empty at seq 0) and the record's bytes as they lie
 * in the lake. Not as this program would write them: a record of a later version has fields that it leaves out.
 */
export interface Tip {
  readonly v: typeof TIP_VERSION;
  readonly seq: number;
  readonly hash: string;
  /** Rows of all objects that batches name, made or given up. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  /** Events in dead letters. */
  readonly deadLetters: number;
  /** Gap records. */
  readonly gaps: number;
  /** Objects that were given up. */
  readonly voids: number;
}

/** The part of a store that tips need. */
export type TipStore = Pick<JournalStore, "get" | "putIfAbsent">;

/** Whether a tip belongs behind the record with this seq: behind 999, 1999, and so on. */
export function isTipDue(seq: number): boolean {
  return (seq + 1) % RECORDS_PER_TIP === 0;
}

/**
 * The tip behind `record`, from the one behind the record before it (undefined for the genesis). `bytes`: what the record
 * was read from; a record of one's own needs none.
 *
 * @throws {RangeError} if the record is not the next one.
 */
export function extendTip(
  before: Tip | undefined,
  record: JournalRecord,
  bytes: Uint8Array = encodeRecord(record),
): Tip {
  const expected = before === undefined ? 0 : before.seq + 1;
  if (record.seq !== expected) {
    throw new RangeError(`Cannot count the record ${record.seq}: ${expected} is the next`);
  }
  const hash = createHash("sha256").update(before?.hash ?? "").update(bytes);
  const counts = countRecord(record);
  return {
    v: TIP_VERSION,
    seq: record.seq,
    hash: hash.digest("hex"),
    events: (before?.events ?? 0) + counts.events,
    objects: (before?.objects ?? 0) + counts.objects,
    bytes: (before?.bytes ?? 0) + counts.bytes,
    deadLetters: (before?.deadLetters ?? 0) + counts.deadLetters,
    gaps: (before?.gaps ?? 0) + counts.gaps,
    voids: (before?.voids ?? 0) + counts.voids,
  };
}

/** The names of the fields in which two tips differ; none if the same records lie before both. */
export function tipDifferences(a: Tip, b: Tip): string[] {
  return (Object.keys(a) as (keyof Tip)[]).filter((field) => a[field] !== b[field]);
}

/**
 * The stored tip that covers 0 to `seq`, or undefined where there is none, or one of a later version: nothing depends on
 * tips, so nobody stops at one.
 *
 * @throws {PermanentError} if it is damaged.
 */
export async function readTip(
  store: Pick<TipStore, "get">,
  streamKey: string,
  seq: number,
): Promise<Tip | undefined> {
  const key = tipKey(streamKey, seq);
  const bytes = await store.get(key);
  if (bytes === undefined || isLater(bytes)) return undefined;
  const tip = decodeFile(TIP_FILE, bytes, key);
  if (tip.seq === seq) return tip;
  throw new PermanentError(`Cannot read the tip "${key}": its seq is ${tip.seq}`);
}

/**
 * The last stored tip at or before `seq`, looking at no more than `tipsMax` places where one should be.
 */
export async function lastTip(
  store: Pick<TipStore, "get">,
  streamKey: string,
  seq: number,
  tipsMax: number,
): Promise<Tip | undefined> {
  let due = Math.floor((seq + 1) / RECORDS_PER_TIP) * RECORDS_PER_TIP - 1;
  for (let looked = 0; due >= 0 && looked < tipsMax; looked++, due -= RECORDS_PER_TIP) {
    const tip = await readTip(store, streamKey, due);
    if (tip !== undefined) return tip;
  }
  return undefined;
}

/**
 * Stores the tip unless it is there already.
 *
 * @throws {PermanentError} if another one is there: records have changed since it was made.
 */
export async function writeTip(store: TipStore, streamKey: string, tip: Tip): Promise<void> {
  const key = tipKey(streamKey, tip.seq);
  if (await store.putIfAbsent(key, encodeFile(TIP_FILE, tip), JSON_CONTENT) === "created") return;
  const stored = await readTip(store, streamKey, tip.seq);
  const differences = stored === undefined ? [] : tipDifferences(stored, tip);
  if (differences.length === 0) return;
  throw new PermanentError(
    `Cannot write the tip "${key}": the one there differs in ${differences.join(", ")}`,
  );
}

function isLater(bytes: Uint8Array): boolean {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes))).v > TIP_VERSION;
  } catch {
    return false;
  }
}

function countRecord(record: JournalRecord): Omit<Tip, "v" | "seq" | "hash"> {
  const objects = record.kind === "batch" ? record.objects : [];
  const letters = record.kind === "batch" ? record.deadLetters : [];
  return {
    events: sum(objects.map((object) => object.rows)),
    objects: objects.length,
    bytes: sum(objects.map((object) => object.bytes)),
    deadLetters: sum(letters.map((letter) => letter.events.length)),
    gaps: record.kind === "gap" ? 1 : 0,
    voids: record.kind === "void" ? record.objects.length : 0,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

const COUNT = wholeNumber(0);

const TIP_FILE: FileForm<Tip> = {
  what: "the tip",
  versions: [TIP_VERSION],
  shape: objectOf<Tip>({
    v: oneOf(TIP_VERSION),
    seq: COUNT,
    hash: text(/^[0-9a-f]{64}$/, "64 hex digits in lower case"),
    events: COUNT,
    objects: COUNT,
    bytes: COUNT,
    deadLetters: COUNT,
    gaps: COUNT,
    voids: COUNT,
  }),
};
