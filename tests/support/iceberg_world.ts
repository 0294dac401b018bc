/** What tables of Iceberg say, by a reader of our own that knows nothing of writers; and stores for them. */
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import type { IcebergStore } from "../../src/table/iceberg/files.ts";
import { readContainer } from "./read_container.ts";
import type { ReadTable } from "./table_world.ts";
import { FOLDER } from "./table_world.ts";

/** A store in which tables can lie. */
export function icebergStore(destination = new MemoryDestination()): IcebergStore {
  return {
    url: destination.url,
    putIfAbsent: (key, bytes) => destination.putIfAbsent(key, bytes),
    get: (key) => destination.get(key),
    list: (prefix, options) => destination.list(prefix, options),
    replace: (key, bytes) => destination.replace(key, bytes),
    remove: (key) => destination.remove(key),
  };
}

export interface ReadIceberg extends ReadTable {
  readonly snapshots: number;
  readonly manifests: number;
  /** The keys of the current list and its manifests. */
  readonly files: readonly string[];
  readonly hint: string;
}

type ReadStore = Pick<MemoryDestination, "get" | "list">;

/** How Avro files are read. */
export type ReadAvro = (bytes: Uint8Array) => Promise<Record<string, unknown>[]>;

/** The metadata with the highest number, and all that it names. Snapshot ids of ours are exact in a double. */
export async function readIceberg(
  store: ReadStore,
  folder = FOLDER,
  read: ReadAvro = readContainer,
): Promise<ReadIceberg> {
  const { version, metadata } = await newestMetadata(store, folder);
  const { snapshots = [], "current-snapshot-id": id, properties = {}, location = "" } = metadata;
  const root = location.slice(0, location.length - folder.length);
  const records = async (url: string) => await read((await store.get(url.slice(root.length)))!);
  const current = snapshots.find((each: Record<string, unknown>) => each["snapshot-id"] === id);
  const manifests = current === undefined ? [] : await records(current["manifest-list"]);
  const paths = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const { manifest_path } of manifests) {
    for (const { status, data_file } of await records(manifest_path as string)) {
      if (status === 2) continue;
      const { file_path, file_size_in_bytes } = data_file as Record<string, string | number>;
      const path = String(file_path).slice(location.length + 1);
      paths.set(path, (paths.get(path) ?? 0) + 1);
      sizes.set(path, Number(file_size_in_bytes));
    }
  }
  const txns = new Map(
    Object.entries(properties as Record<string, string>).flatMap(([key, value]) =>
      key.startsWith("tributary.place.")
        ? [[key.slice("tributary.place.".length), Number(value.split(" ")[0])] as const]
        : []
    ),
  );
  const urls = [current?.["manifest-list"], ...manifests.map((each) => each["manifest_path"])];
  const files = urls.filter((url) => url !== undefined).map((url) =>
    String(url).slice(root.length)
  );
  const facts = { files, snapshots: snapshots.length, manifests: manifests.length };
  const hint = await textIn(store, folder, "version-hint.text") ?? "";
  return { version, paths, sizes, txns, configuration: properties, hint, ...facts };
}

/** What the snapshots name that a table keeps, the newest one as well. */
export async function pathsKept(
  store: ReadStore,
  folder: string,
  read: ReadAvro,
): Promise<ReadonlySet<string>> {
  const { metadata: { snapshots = [], location = "" } } = await newestMetadata(store, folder);
  const root = location.slice(0, location.length - folder.length);
  const records = async (url: string) => await read((await store.get(url.slice(root.length)))!);
  const manifests = new Set<string>();
  for (const snapshot of snapshots) {
    for (const each of await records(snapshot["manifest-list"])) {
      manifests.add(each["manifest_path"] as string);
    }
  }
  const paths = new Set<string>();
  for (const manifest of manifests) {
    for (const { status, data_file } of await records(manifest)) {
      const { file_path } = data_file as Record<string, string>;
      if (status !== 2) paths.add(file_path!.slice(location.length + 1));
    }
  }
  return paths;
}

async function newestMetadata(store: ReadStore, folder: string) {
  const keys = await store.list(`${folder}/metadata/v`, { limit: 10_000 });
  const version = Math.max(
    0,
    ...keys.map((key) => Number(/\/v(\d+)\.metadata\.json$/.exec(key)?.[1] ?? 0)),
  );
  const newest = await textIn(store, folder, `v${version}.metadata.json`) ?? "";
  return { version, metadata: JSON.parse(newest === "" ? "{}" : newest) };
}

async function textIn(
  store: ReadStore,
  folder: string,
  name: string,
): Promise<string | undefined> {
  const bytes = await store.get(`${folder}/metadata/${name}`);
  return bytes && new TextDecoder().decode(bytes);
}
