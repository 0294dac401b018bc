import type { Action } from "./actions.ts";
import { MADE_ANEW, tableFault, unreadableFault } from "../table_log.ts";
import { checkpointKey, type DeltaStore } from "./files.ts";
import { readAction } from "./read_action.ts";
import type { ParquetElement, ParquetRows } from "../parquet_rows.ts";

/** What a checkpoint says beside the files. Throws `TableFault` where it cannot be read. */
export function readCheckpointHead(
  store: DeltaStore,
  folder: string,
  version: number,
): Promise<Action[]> {
  return readCheckpoint(store, folder, version, ["protocol", "metaData", "txn"]);
}

type Kind = "protocol" | "metaData" | "txn" | "add" | "remove";

/** The actions of these kinds. Throws `TableFault` where it cannot be read. */
export async function readCheckpoint(
  store: DeltaStore,
  folder: string,
  version: number,
  kinds: readonly Kind[],
): Promise<Action[]> {
  const bytes = await store.get(checkpointKey(folder, version));
  if (bytes === undefined) {
    throw tableFault(folder, `its checkpoint ${version} is gone; ${MADE_ANEW}`);
  }
  try {
    return (await store.parquet.read(bytes, kinds)).map(readAction);
  } catch (error) {
    throw unreadableFault(folder, `its checkpoint ${version}`, error);
  }
}

const text = (name: string): ParquetElement => ({
  ...{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
});
const long = (name: string): ParquetElement => ({
  ...{ name, type: "INT64", repetition_type: "OPTIONAL" },
});
const int = (name: string): ParquetElement => ({
  ...{ name, type: "INT32", repetition_type: "OPTIONAL" },
});
const bool = (name: string): ParquetElement => ({
  ...{ name, type: "BOOLEAN", repetition_type: "OPTIONAL" },
});
const group = (name: string, count: number): ParquetElement => ({
  ...{ name, num_children: count, repetition_type: "OPTIONAL" },
});
const texts = (name: string): ParquetElement[] => [
  { name, num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST" },
  { name: "list", num_children: 1, repetition_type: "REPEATED" },
  text("element"),
];
const map = (name: string): ParquetElement[] => [
  { name, num_children: 1, repetition_type: "OPTIONAL", converted_type: "MAP" },
  { name: "key_value", num_children: 2, repetition_type: "REPEATED" },
  { name: "key", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
  text("value"),
];

/** The columns of a classic checkpoint, in one file ("Checkpoint Schema" of PROTOCOL.md). */
const SCHEMA: readonly ParquetElement[] = [
  { name: "root", num_children: 5 },
  group("txn", 3),
  ...[text("appId"), long("version"), long("lastUpdated")],
  group("add", 7),
  ...[text("path"), ...map("partitionValues"), long("size"), long("modificationTime")],
  ...[bool("dataChange"), text("stats"), ...map("tags")],
  group("remove", 3),
  ...[text("path"), long("deletionTimestamp"), bool("dataChange")],
  group("metaData", 8),
  ...[text("id"), text("name"), text("description")],
  ...[group("format", 2), text("provider"), ...map("options")],
  ...[text("schemaString"), ...texts("partitionColumns"), ...map("configuration")],
  long("createdTime"),
  group("protocol", 4),
  ...[int("minReaderVersion"), int("minWriterVersion")],
  ...[...texts("readerFeatures"), ...texts("writerFeatures")],
];

const KINDS: readonly Kind[] = ["txn", "add", "remove", "metaData", "protocol"];

const LONGS = [
  "version",
  "lastUpdated",
  "size",
  "modificationTime",
  "deletionTimestamp",
  "createdTime",
];

export function encodeCheckpoint(parquet: ParquetRows, actions: readonly Action[]): Uint8Array {
  return parquet.write(
    SCHEMA,
    actions.map((action) =>
      Object.fromEntries(KINDS.map((kind) => [kind, withLongs(action[kind])]))
    ),
  );
}

function withLongs(fields: object | undefined): unknown {
  if (fields === undefined) return null;
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    LONGS.includes(name) && value !== undefined ? BigInt(value) : value,
  ]);
  return Object.fromEntries(entries);
}
