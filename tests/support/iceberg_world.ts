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

/** The metadata with the highest number, and all that it names. Snapshot ids of ours are exact in a double. */
export async function readIceberg(
  store: Pick<MemoryDestination, "get" | "list">,
  folder = FOLDER,
): Promise<ReadIceberg> {
  const text = async (key: string) => {
    const bytes = await store.get(`${folder}/metadata/${key}`);
    return bytes && new TextDecoder().decode(bytes);
  };
  const keys = await store.list(`${folder}/metadata/v`, { limit: 10_000 });
  const version = Math.max(
    0,
    ...keys.map((key) => Number(/\/v(\d+)\.metadata\.json$/.exec(key)?.[1] ?? 0)),
  );
  const newest = await text(`v${version}.metadata.json`) ?? "";
  const metadata = JSON.parse(newest === "" ? "{}" : newest);
  const { snapshots = [], "current-snapshot-id": id, properties = {}, location = "" } = metadata;
  const root = location.slice(0, location.length - folder.length);
  const records = async (url: string) =>
    await readContainer((await store.get(url.slice(root.length)))!);
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
  const hint = await text("version-hint.text") ?? "";
  return { version, paths, sizes, txns, configuration: properties, hint, ...facts };
}
