import { createHash } from "node:crypto";
import { PermanentError } from "../../model/errors.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import {
  arrayOf,
  objectOf,
  oneOf,
  openObjectOf,
  type Shape,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import { listAll } from "../../support/flow/list_all.ts";
import { type HeldFile, type TableFile, unreadableFault } from "../table_log.ts";

/**
 * That some objects of a collection were joined to one, with the same rows in the order of the inputs. It is written once, when the
 * one is stored and before any table names it, and says for ever what stands for what.
 */
export interface CompactionRecord {
  readonly v: 1;
  /** In the order of their rows in the output. */
  readonly inputs: readonly HeldFile[];
  readonly output: TableFile;
}

/** Where these records lie: with the lake's own files. */
export type RecordStore = Pick<LakeStore, "putIfAbsent" | "get" | "list">;

/** Readers of a whole lake find nothing here, and no pattern for Parquet objects matches what is in it. */
export const OUTPUT_FOLDER = "_compact/";
const OUTPUT_SUFFIX = ".pq";

/** Of the way in which objects are joined: other bytes for the same inputs need another one. */
const JOIN_VERSION = 1;

const HASH_HEX_DIGITS = 32;

/** What tells a compaction from all others: what goes into it, and in which order. */
export function compactionId(inputs: readonly HeldFile[]): string {
  const what = [JOIN_VERSION, ...inputs.map(({ path, bytes }) => [path, bytes])];
  return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, HASH_HEX_DIGITS);
}

/** Where the joined object lies, relative to the table's folder. */
export function outputPath(id: string): string {
  return `${OUTPUT_FOLDER}${id}${OUTPUT_SUFFIX}`;
}

/** The compaction that made an object; undefined of objects of journals. */
export function idOfOutput(path: string): string | undefined {
  const isOutput = path.startsWith(OUTPUT_FOLDER) && path.endsWith(OUTPUT_SUFFIX);
  return isOutput ? path.slice(OUTPUT_FOLDER.length, -OUTPUT_SUFFIX.length) : undefined;
}

/** Where it lies what was joined of a folder's objects. */
export function compactionsFolder(folder: string): string {
  return `_tributary/compactions/${folder}/`;
}

function recordKey(folder: string, id: string): string {
  return `${compactionsFolder(folder)}${id}.json`;
}

/** The ids of all compactions of the objects in a folder. */
export async function listCompactions(store: RecordStore, folder: string): Promise<string[]> {
  const prefix = compactionsFolder(folder);
  return (await listAll(store, prefix)).flatMap((key) => {
    const [, id] = /^([0-9a-f]+)\.json$/.exec(key.slice(prefix.length)) ?? [];
    return id ?? [];
  });
}

/** Undefined where there is no such record. @throws {TableFault} where it cannot be read. */
export async function readCompaction(
  store: Pick<RecordStore, "get">,
  folder: string,
  id: string,
): Promise<CompactionRecord | undefined> {
  const bytes = await store.get(recordKey(folder, id));
  if (bytes === undefined) return undefined;
  try {
    const record = recordShape(JSON.parse(new TextDecoder().decode(bytes)), "", "left-out");
    if (compactionId(record.inputs) !== id) throw new TypeError("its inputs are those of another");
    return record;
  } catch (error) {
    throw unreadableFault(folder, `its compaction ${id}`, error);
  }
}

/** For whom what cannot be read is as if it were not there. */
export async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}

/** Writes the record if there is none of these inputs. Answers the one that counts. */
export async function putCompaction(
  store: RecordStore,
  folder: string,
  record: CompactionRecord,
): Promise<CompactionRecord> {
  const id = compactionId(record.inputs);
  const bytes = new TextEncoder().encode(JSON.stringify(record));
  const options = { contentType: "application/json" };
  if (await store.putIfAbsent(recordKey(folder, id), bytes, options) === "created") return record;
  return await readCompaction(store, folder, id) ?? record;
}

const heldShape: Shape<HeldFile> = openObjectOf<HeldFile>({
  path: text(),
  bytes: wholeNumber(0),
  rows: wholeNumber(0),
});

const recordShape = openObjectOf<CompactionRecord>({
  v: oneOf(1),
  inputs: arrayOf(heldShape),
  output: openObjectOf<TableFile>({
    path: text(),
    bytes: wholeNumber(0),
    rows: wholeNumber(0),
    writtenAtMs: wholeNumber(0),
    bounds: objectOf({ fromMs: wholeNumber(0), toMs: wholeNumber(0) }),
  }, ["bounds"]),
});
