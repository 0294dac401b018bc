import type { TableFormat } from "../../model/table_format.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import {
  arrayOf,
  mapOf,
  oneOf,
  openObjectOf,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import type { NotedRefusals, Refusal } from "./refusals.ts";
import type { StreamPlace } from "./stream_follower.ts";
import type { Holes, KnownTable, TableName } from "../table_log.ts";
import type { TableStore } from "../table_store.ts";

/**
 * How far all tables of a lake have come, so that after a start no journal is read from its beginning. It is a hint: a table that is not the
 * one it names, or is older, makes it void, and then the journals are read anew.
 */
export interface TableHint {
  /** By stream: everything up to here is in all tables that were not stopped. */
  readonly streams: Readonly<Record<string, NotedStream>>;
  /** The last drop of a table that it knows of: since another one it is void. */
  readonly drop?: string;
  /** By folder. */
  readonly tables: Readonly<Record<string, NotedTable>>;
  /** Why objects are in no table. */
  readonly refusals?: NotedRefusals;
}

export interface NotedStream extends StreamPlace {
  readonly closed?: true;
  /** What it has had, for tables that are yet to come. */
  readonly holes: Holes;
  /** The same of one collection: objects that are in no table. */
  readonly elsewhere?: Readonly<Record<string, number>>;
}

export interface NotedTable extends TableName {
  readonly known?: KnownTable;
  readonly stopped?: StoppedTable;
  /** The streams that have something in it, but for those that are closed. */
  readonly streams: readonly string[];
}

/** Why a table gets nothing more, and which it was: another one in its place is tried again. */
export interface StoppedTable {
  readonly fault: string;
  readonly at?: KnownTable;
}

/** Where the hint lies, among the lake's own files. */
export interface HintPlace {
  readonly store: Pick<LakeStore, "get"> & Pick<TableStore, "replace" | "remove">;
  readonly key: string;
}

const VERSION = 1;

const place = { seq: wholeNumber(0), id: text() };
const count = wholeNumber(0);
const holes = openObjectOf<Omit<Holes, "redrivenLetters">>({
  ...{ gaps: count, voidedObjects: count, deadLetters: count, objectsElsewhere: count },
});
const known = openObjectOf<KnownTable>({ id: text(), version: count });
const HINT = openObjectOf<TableHint & { v: typeof VERSION }>({
  v: oneOf(VERSION),
  streams: mapOf(
    openObjectOf<NotedStream>(
      { ...place, closed: oneOf(true), holes, elsewhere: mapOf(count) },
      ["closed", "elsewhere"],
    ),
  ),
  drop: text(),
  tables: mapOf(openObjectOf<NotedTable>({
    ...{ database: text(), collection: text(), known, streams: arrayOf(text()) },
    stopped: openObjectOf<StoppedTable>({ fault: text(), at: known }, ["at"]),
  }, ["known", "stopped"])),
  refusals: mapOf(mapOf(openObjectOf<Refusal>({ why: text(), folder: text() }, ["folder"]))),
}, ["drop", "refusals"]);

/** The key of the hint for tables of one format. */
export function hintKey(format: TableFormat): string {
  return `_tributary/tables/${format}.json`;
}

/** Undefined where there is none, or none that this version can read. */
export async function readHint({ store, key }: HintPlace): Promise<TableHint | undefined> {
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  try {
    const { v: _, ...hint } = HINT(JSON.parse(new TextDecoder().decode(bytes)), "", "left-out");
    return hint;
  } catch {
    return undefined;
  }
}

export async function writeHint({ store, key }: HintPlace, hint: TableHint): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify({ v: VERSION, ...hint }));
  await store.replace(key, bytes, { contentType: "application/json" });
}

/** Which was the last drop of a table; undefined where there was none. */
export async function lastDrop({ store, key }: HintPlace): Promise<string | undefined> {
  const bytes = await store.get(dropKey(key));
  return bytes && new TextDecoder().decode(bytes);
}

/** Tells whoever keeps tables that one is gone: they read the journals from their beginning. */
export async function noteDrop({ store, key }: HintPlace, drop: string): Promise<void> {
  await store.replace(dropKey(key), new TextEncoder().encode(drop));
}

/** Apart from the hint, which a copy at work would replace with what it knows. */
function dropKey(key: string): string {
  return key.replace(/\.json$/, ".dropped");
}
