import { listAll } from "../../support/flow/list_all.ts";
import type { ParquetRows } from "../parquet_rows.ts";
import type { TableStore } from "../table_store.ts";

/** Where tables lie, and how their checkpoints are read and written. */
export interface DeltaStore extends Omit<TableStore, "head"> {
  readonly parquet: ParquetRows;
}

export const LOG_FOLDER = "_delta_log";

const VERSION_DIGITS = 20;

function begin(folder: string, version: number): string {
  return `${logFolder(folder)}${String(version).padStart(VERSION_DIGITS, "0")}`;
}

export function logFolder(folder: string): string {
  return `${folder}/${LOG_FOLDER}/`;
}

export function entryKey(folder: string, version: number): string {
  return `${begin(folder, version)}.json`;
}

export function checkpointKey(folder: string, version: number): string {
  return `${begin(folder, version)}.checkpoint.parquet`;
}

function lastCheckpointKey(folder: string): string {
  return `${logFolder(folder)}_last_checkpoint`;
}

const JSON_CONTENT = { contentType: "application/json" };

/** The version that the hint names; undefined where there is none, or none that can be read: it is a hint. */
export async function readLastCheckpoint(
  store: DeltaStore,
  folder: string,
): Promise<number | undefined> {
  const bytes = await store.get(lastCheckpointKey(folder));
  if (bytes === undefined) return undefined;
  try {
    const { version } = JSON.parse(new TextDecoder().decode(bytes)) as { version?: unknown };
    return Number.isSafeInteger(version) ? version as number : undefined;
  } catch {
    return undefined;
  }
}

/** Says which checkpoint is the newest; never goes back. */
export async function writeLastCheckpoint(
  store: DeltaStore,
  folder: string,
  hint: { readonly version: number; readonly size: number },
): Promise<void> {
  const before = await readLastCheckpoint(store, folder);
  if (before !== undefined && before >= hint.version) return;
  const bytes = new TextEncoder().encode(JSON.stringify(hint));
  await store.replace(lastCheckpointKey(folder), bytes, JSON_CONTENT);
}

export interface LogEntries {
  /** Those that are in one part. */
  readonly checkpoints: readonly number[];
  readonly versions: readonly number[];
}

const NAME = /\/(\d{20})\.(json|checkpoint\.parquet)$/;

/** Which entries and checkpoints there are from a version on, in order. */
export async function listLog(
  store: DeltaStore,
  folder: string,
  from: number,
): Promise<LogEntries> {
  const checkpoints: number[] = [];
  const versions: number[] = [];
  for (const key of await listAll(store, logFolder(folder), begin(folder, from))) {
    const [, digits, kind] = NAME.exec(key) ?? [];
    if (digits !== undefined) (kind === "json" ? versions : checkpoints).push(Number(digits));
  }
  return { checkpoints, versions };
}

export async function putEntry(
  store: DeltaStore,
  folder: string,
  version: number,
  bytes: Uint8Array,
): Promise<"created" | "exists"> {
  return await store.putIfAbsent(entryKey(folder, version), bytes, JSON_CONTENT);
}
