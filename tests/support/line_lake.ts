/** A lake of plain JSON Lines in a folder, read row by row, and what lies beside its tables. */
import { BSON, type Document } from "bson";
import { join } from "node:path";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";

/** The settings with which a lake is one that can be read here. */
export const LINE_LAKE = { FORMAT: "jsonl", COMPRESSION: "none" };

export interface LineRow {
  readonly operation: string;
  readonly collection: string | null;
  readonly document_key: { readonly _id: unknown } | null;
  readonly resume_token: string;
}

export interface LineLake {
  /** In the order of their tokens. */
  readonly rows: readonly LineRow[];
  /** The events that are in no table, in the same order. */
  readonly dead: readonly Document[];
  /** The paths of all objects and dead letters, relative to the folder. */
  readonly files: readonly string[];
}

const LIMIT_MS = 240_000;

export async function readLineLake(folder: string): Promise<LineLake> {
  const files = (await filesBelow(folder, "")).sort();
  const rows: LineRow[] = [];
  const dead: Document[] = [];
  for (const file of files) {
    const bytes = await Deno.readFile(join(folder, file));
    if (file.endsWith(".bson")) dead.push(...documentsIn(bytes));
    else rows.push(...linesOf(bytes).map((line): LineRow => JSON.parse(line)));
  }
  rows.sort((a, b) => a.resume_token < b.resume_token ? -1 : 1);
  // Names of files say nothing about their order.
  dead.sort((a, b) => a["_id"]._data < b["_id"]._data ? -1 : 1);
  return { rows, dead, files };
}

/** Waits until the lake is as `isReached` wants it; else throws with what there is. */
export async function awaitLineLake(
  folder: string,
  isReached: (lake: LineLake) => boolean,
): Promise<LineLake> {
  let last: LineLake | undefined;
  await waitUntil(systemClock, LIMIT_MS, async () => {
    last = await readLineLake(folder);
    return isReached(last) ? true : undefined;
  });
  if (last !== undefined && isReached(last)) return last;
  throw new Error(`The lake did not come so far: ${JSON.stringify(inShort(last!))}`);
}

/** Each row and dead letter in a word, in order: `i5` an insert, `!u1` a dead update, `drop`. */
export function inShort({ rows, dead }: LineLake): { rows: string[]; dead: string[] } {
  return {
    rows: rows.map((row) => word(row.operation, row.document_key?._id)),
    dead: dead.map((event) => word(event["operationType"], event["documentKey"]?._id)),
  };
}

function word(operation: string, id: unknown): string {
  return id === undefined ? operation : `${operation[0]}${id}`;
}

async function filesBelow(folder: string, path: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(join(folder, path))) {
      const child = join(path, entry.name);
      if (entry.isDirectory) found.push(...await filesBelow(folder, child));
      else if (/\.(jsonl|bson)$/.test(child)) found.push(child);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}

function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split("\n").filter((line) => line !== "");
}

function documentsIn(bytes: Uint8Array): Document[] {
  const documents: Document[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = new DataView(bytes.buffer, bytes.byteOffset + at).getInt32(0, true);
    documents.push(BSON.deserialize(bytes.subarray(at, at + size)));
    at += size;
  }
  return documents;
}
