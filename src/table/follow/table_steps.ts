import type { Format } from "../../model/format.ts";
import { type JournalRecord, namesObjects, type ObjectEntry } from "../../model/record.ts";
import type { Redrive } from "../../model/redrive.ts";
import type { KeyRule, StreamSettings } from "../../model/settings.ts";
import type { Refusal, Refused } from "./refusals.ts";
import { tablePlace } from "../table_folder.ts";
import {
  type Holes,
  NO_HOLES,
  type TableFile,
  type TableName,
  type TableStep,
} from "../table_log.ts";

/** What later records say of earlier ones: gathered before a record is taken, or a missing file would break a table. */
export interface Corrections {
  /** Keys of objects that can never be made. */
  readonly voided: ReadonlySet<string>;
  /** Seqs of chunks whose objects are empty. */
  readonly emptied: ReadonlySet<number>;
  /** The bytes of objects that are otherwise than their records say. */
  readonly remade: ReadonlyMap<string, number>;
}

export function correctionsIn(records: readonly JournalRecord[]): Corrections {
  const voided = new Set<string>();
  const emptied = new Set<number>();
  const remade = new Map<string, number>();
  for (const record of records) {
    if (record.kind === "void") record.objects.forEach(({ key }) => voided.add(key));
    if (record.kind === "emptied") record.chunks.forEach((seq) => emptied.add(seq));
    if (record.kind !== "heartbeat") continue;
    for (const { key, bytes } of record.remade ?? []) remade.set(key, bytes);
  }
  return { voided, emptied, remade };
}

/**
 * Up to which seq these records say that all objects are there. Those of a redo do not count: what it has made otherwise is
 * told only by the record after them.
 */
export function durableThrough(records: readonly JournalRecord[]): number {
  const told = records.filter(({ kind }) => kind !== "void" && kind !== "emptied");
  return told.reduce((through, record) => Math.max(through, record.durableThrough), -1);
}

/** The objects of a record that a table may have: not those that are void or empty. */
export function objectsOf(
  record: JournalRecord,
  { voided, emptied }: Corrections,
): readonly ObjectEntry[] {
  if (!namesObjects(record) || emptied.has(record.seq)) return [];
  return record.objects.filter(({ key }) => !voided.has(key));
}

/** What a record means for the tables of the folders that it has objects in. */
export interface RecordSteps {
  readonly byFolder: ReadonlyMap<string, { readonly name: TableName; readonly step: TableStep }>;
  /** Why objects of a collection are in no table, by collection. */
  readonly refusals: Refused;
  /** Of all tables that the stream has something in: which of them it was is not told. */
  readonly holes: Holes;
}

/** `taken`: objects of records up to this seq may be in tables already. */
export function stepsOf(
  record: JournalRecord,
  settings: StreamSettings,
  corrections: Corrections,
  taken: number,
): RecordSteps {
  const drafts = new Map<string, Draft>();
  const refusals = new Map<string, Refusal & { readonly objects: number }>();
  const draftOf = (folder: string, name: TableName) => {
    const draft = drafts.get(folder) ?? { name, files: [], gone: [], voidedObjects: 0 };
    drafts.set(folder, draft);
    return draft;
  };
  for (const entry of objectsOf(record, corrections)) {
    const { database, collection, key } = entry;
    // Of no collection: a dropDatabase.
    if (collection === null) continue;
    const place = placeOf(key, settings.encoding.format, settings.keyRule);
    if ("refusal" in place) {
      const name = `${database}.${collection}`;
      const objects = (refusals.get(name)?.objects ?? 0) + 1;
      refusals.set(name, { ...place.refusal, objects });
      continue;
    }
    const bytes = corrections.remade.get(key) ?? entry.bytes;
    const file = fileOf(record.writtenAt, { ...entry, bytes }, place.path);
    draftOf(place.folder, { database, collection }).files.push(file);
  }
  const voided = record.kind === "void" ? record.objects : [];
  for (const { key, seq } of voided) {
    const place = tablePlace(key, settings.keyRule);
    if (!("folder" in place)) continue;
    const draft = draftOf(place.folder, UNKNOWN);
    draft.voidedObjects++;
    if (seq <= taken) draft.gone.push(place.path);
  }
  const { seq, id: recordId } = record;
  const byFolder = new Map(
    [...drafts].map(([folder, { name, voidedObjects, ...parts }]) => [
      folder,
      { name, step: { seq, recordId, ...parts, holes: { ...NO_HOLES, voidedObjects } } },
    ]),
  );
  return { byFolder, refusals, holes: holesOf(record) };
}

interface Draft {
  readonly name: TableName;
  readonly files: TableFile[];
  readonly gone: string[];
  voidedObjects: number;
}

/** Of a file that is gone the table is known, or there is none. */
const UNKNOWN: TableName = { database: "", collection: "" };

/** What a redrive means for the tables of the folders that it has objects in, which have these sizes. */
export function redrivenFiles(
  { objects, encoding, redrivenAt }: Redrive,
  { keyRule }: StreamSettings,
  sizes: readonly number[],
): ReadonlyMap<string, { readonly name: TableName; readonly files: readonly TableFile[] }> {
  const byFolder = new Map<string, { name: TableName; files: TableFile[] }>();
  for (const [i, object] of objects.entries()) {
    const { database, collection, key } = object;
    const place = placeOf(key, encoding.format, keyRule);
    if (collection === null || "refusal" in place) continue;
    const draft = byFolder.get(place.folder) ?? { name: { database, collection }, files: [] };
    draft.files.push(fileOf(redrivenAt, { ...object, bytes: sizes[i]! }, place.path));
    byFolder.set(place.folder, draft);
  }
  return byFolder;
}

function placeOf(
  key: string,
  format: Format,
  keyRule: KeyRule,
): { readonly folder: string; readonly path: string } | { readonly refusal: Refusal } {
  const place = tablePlace(key, keyRule);
  if ("refusal" in place) return { refusal: { why: place.refusal } };
  if (format === "parquet") return place;
  const why = `it has objects in the format ${format}, and tables are of parquet`;
  return { refusal: { why, folder: place.folder } };
}

function holesOf(record: JournalRecord): Holes {
  switch (record.kind) {
    case "gap":
      return { ...NO_HOLES, gaps: 1 };
    case "batch": {
      const deadLetters = record.deadLetters.reduce((sum, { events }) => sum + events.length, 0);
      return { ...NO_HOLES, deadLetters };
    }
    default:
      return NO_HOLES;
  }
}

function fileOf(writtenAt: string, entry: ObjectEntry, path: string): TableFile {
  const { bytes, rows, bucket } = entry;
  const bounds = boundsOf(bucket);
  const writtenAtMs = Date.parse(writtenAt);
  return { path, bytes, rows, writtenAtMs, ...(bounds === undefined ? {} : { bounds }) };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The hour or the day that a bucket stands for; undefined of one that has all times. */
function boundsOf(bucket: string): TableFile["bounds"] {
  if (bucket === "") return undefined;
  const isHour = bucket.includes("T");
  const fromMs = Date.parse(isHour ? `${bucket}:00:00Z` : `${bucket}T00:00:00Z`);
  return { fromMs, toMs: fromMs + (isHour ? HOUR_MS : DAY_MS) - 1 };
}
