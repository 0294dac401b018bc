/** Tables over the lake of a world of variables, and what their logs say by a reader of our own that knows nothing of writers. */
import { openFormat } from "../../src/app/tables/formats.ts";
import { followerParts } from "../../src/app/tables/build_tables.ts";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { namesObjects } from "../../src/model/record.ts";
import type { TableFormat } from "../../src/model/table_format.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { Stream } from "../../src/model/stream.ts";
import { type Action, addOf, newMetaData, newProtocol } from "../../src/table/delta/actions.ts";
import type { BegunTableParts } from "../../src/table/compaction/begun_table.ts";
import { type DeltaStore, putEntry } from "../../src/table/delta/files.ts";
import type { DeltaLog } from "../../src/table/delta/log.ts";
import { nestedRows } from "../../src/encode/parquet/nested_rows.ts";
import { txnsOf } from "../../src/table/delta/txns.ts";
import type { TableFile } from "../../src/table/table_log.ts";
import { hintKey } from "../../src/table/follow/table_hint.ts";
import { LakeFollower, type LakeFollowerParts } from "../../src/table/follow/lake_follower.ts";
import type { Clock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import { type LakeWorld, ORDERS, SETTINGS } from "./lake_world.ts";
import { SeededRandom } from "./seeded_random.ts";

/** Settings with which tables can be had. */
export const TABLE_SETTINGS: StreamSettings = {
  ...SETTINGS,
  encoding: { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
  keyRule: {
    template: "db={db}/coll={coll}/year={yyyy}/month={MM}/day={dd}/hour={HH}/",
    bucket: "hour",
  },
};

export const FOLDER = "db=shop/coll=orders";

/** What differs from the usual in a follower. */
export interface FollowerChoice extends Partial<LakeFollowerParts> {
  /** The store as this follower meets it. */
  readonly store?: MemoryDestination;
  readonly clock?: Clock;
  readonly writers?: "ours" | "any";
  readonly format?: TableFormat;
}

export function tableParts(world: LakeWorld, choice: FollowerChoice = {}): LakeFollowerParts {
  const {
    store = world.destination,
    clock = world.clock,
    writers = "ours",
    format = "delta",
    ...parts
  } = choice;
  const tools = { clock, random: world.random, log: silentLog, hostName: "test" };
  const places = { lake: store, destination: store };
  return {
    ...followerParts(
      places,
      openFormat(format, { config: { tableWriters: writers }, tools, places }),
    ),
    hint: { store, key: hintKey(format) },
    ...parts,
  };
}

/** The log of the table of the orders, as another copy opens it. */
export function deltaLogOf(world: LakeWorld, choice: FollowerChoice = {}): DeltaLog {
  const parts = tableParts(world, choice);
  return parts.openLog(FOLDER, { database: "shop", collection: "orders" }) as DeltaLog;
}

export function follower(world: LakeWorld, choice: FollowerChoice = {}): LakeFollower {
  return new LakeFollower(tableParts(world, choice));
}

/** Writes what the oplog has to the lake. */
export async function write(
  world: LakeWorld,
  count: number,
  choice: { readonly stream?: Stream; readonly settings?: StreamSettings } = {},
): Promise<void> {
  const { stream = ORDERS } = choice;
  world.insert(count, stream.level === "collection" ? stream.collection : "orders");
  await world.instance({ settings: TABLE_SETTINGS, ...choice }).runToEnd();
}

/** Appends a gap to the journal of the orders. */
export async function gapAfter(world: LakeWorld): Promise<void> {
  const { v, owner, generation, settingsSeq, writtenAt, seq, to } = (await world.records()).at(-1)!;
  const fields = { v, owner, generation, settingsSeq, writtenAt, durableThrough: seq };
  const place = { seq: seq + 1, id: "gap-1", from: to, to };
  const gap = { kind: "gap", reason: "history was lost", ...fields, ...place } as const;
  await world.journal.append("collection.shop.orders", gap);
}

/** Turns until everything is in the tables. */
export async function turnToEnd(tables: LakeFollower): Promise<void> {
  const { signal } = new AbortController();
  while (!(await tables.turn(signal)).isComplete);
}

/** Where nothing was ever joined. */
export function nothingJoined(): BegunTableParts {
  const nowhere = new MemoryDestination();
  const journal = createObjectJournal(nowhere);
  return { records: nowhere, objects: nowhere, journal, random: new SeededRandom(1) };
}

/** A store in which logs can be written by hand. */
export function deltaStore(destination: MemoryDestination = new MemoryDestination()): DeltaStore {
  return {
    putIfAbsent: (key, bytes) => destination.putIfAbsent(key, bytes),
    get: (key) => destination.get(key),
    list: (prefix, options) => destination.list(prefix, options),
    replace: (key, bytes) => destination.replace(key, bytes),
    remove: (key) => destination.remove(key),
    parquet: nestedRows,
  };
}

const ENTRIES: readonly Action[] = [
  { protocol: newProtocol("ours") },
  { metaData: newMetaData("id", { database: "shop", collection: "orders" }, 1) },
];

/** The file that an entry of `writeLog` adds. */
export function fileNumber(number: number): TableFile {
  const at = 3_600_000 * number;
  return {
    path: `hour=${number}/a%2E${number}.parquet`,
    ...{ bytes: 10 + number, rows: number, writtenAtMs: 1, bounds: { fromMs: at, toMs: at + 1 } },
  };
}

/** Puts the entries from a version to another one, each with one file and the next place of the stream `s@l`. */
export async function writeLog(
  store: DeltaStore,
  first: number,
  last: number,
  timestamp: (version: number) => number = () => 0,
): Promise<void> {
  for (let version = first; version <= last; version++) {
    const actions: Action[] = [
      { commitInfo: { timestamp: timestamp(version), txnId: `commit ${version}` } },
      ...(version === 0 ? ENTRIES : []),
      ...txnsOf("s@l", { seq: version, record: 2 ** 52 - version }).map((txn) => ({ txn })),
      { add: addOf(fileNumber(version)) },
    ];
    const text = actions.map((action) => JSON.stringify(action)).join("\n");
    await putEntry(store, FOLDER, version, new TextEncoder().encode(text));
  }
}

export interface ReadTable {
  readonly version: number;
  /** How often each path was added and not removed since. */
  readonly paths: ReadonlyMap<string, number>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly txns: ReadonlyMap<string, number>;
  readonly configuration: Readonly<Record<string, string>>;
}

/** All entries of a log, from the first to the last. */
export async function readTable(
  store: Pick<MemoryDestination, "get">,
  folder = FOLDER,
): Promise<ReadTable> {
  const paths = new Map<string, number>();
  const sizes = new Map<string, number>();
  const txns = new Map<string, number>();
  let configuration = {};
  for (let version = 0;; version++) {
    const key = `${folder}/_delta_log/${String(version).padStart(20, "0")}.json`;
    const bytes = await store.get(key);
    if (bytes === undefined) return { version: version - 1, paths, sizes, txns, configuration };
    for (const line of new TextDecoder().decode(bytes).trim().split("\n")) {
      const { add, remove, txn, metaData } = JSON.parse(line);
      if (add !== undefined) {
        const path = decodeURIComponent(add.path);
        paths.set(path, (paths.get(path) ?? 0) + 1);
        sizes.set(path, add.size);
      }
      if (remove !== undefined) paths.delete(decodeURIComponent(remove.path));
      if (txn !== undefined) txns.set(txn.appId, txn.version);
      configuration = metaData?.configuration ?? configuration;
    }
  }
}

/** The paths that the journal of a stream names for a folder, without those that are void. */
export async function pathsInJournal(
  world: LakeWorld,
  stream = ORDERS,
  folder = FOLDER,
): Promise<string[]> {
  const records = await world.records(stream);
  const voided = new Set(
    records.flatMap((record) => record.kind === "void" ? record.objects.map((o) => o.key) : []),
  );
  const keys = records.filter(namesObjects).flatMap(({ objects }) => objects.map((o) => o.key));
  return keys.filter((key) => key.startsWith(`${folder}/`) && !voided.has(key))
    .map((key) => key.slice(folder.length + 1)).sort();
}
