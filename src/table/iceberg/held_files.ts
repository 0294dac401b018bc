import { mapLimited } from "../../support/flow/limited.ts";
import { type HeldFile, tableFault } from "../table_log.ts";
import type { TableMetadata } from "./catalog.ts";
import { type IcebergStore, keyOf } from "./files.ts";
import { DATA_CONTENT, type ManifestFile, STATUS } from "./manifest.ts";
import { currentSnapshot } from "./metadata.ts";
import { entriesOf, manifestsOf } from "./stage.ts";

const READS_IN_FLIGHT_MAX = 8;

/** All objects that a table has now. */
export async function heldFiles(
  store: IcebergStore,
  folder: string,
  metadata: TableMetadata,
): Promise<HeldFile[]> {
  const snapshot = currentSnapshot(metadata);
  if (snapshot === undefined) return [];
  return await filesIn(store, folder, await manifestsOf(store, folder, snapshot));
}

/** The paths of what the snapshots name that a table keeps beside the one that readers read. */
export async function earlierPaths(
  store: IcebergStore,
  folder: string,
  metadata: TableMetadata,
): Promise<ReadonlySet<string>> {
  const current = currentSnapshot(metadata);
  const snapshots = (metadata.snapshots ?? []).filter((each) => each !== current);
  const lists = await mapLimited(
    snapshots,
    READS_IN_FLIGHT_MAX,
    (snapshot) => manifestsOf(store, folder, snapshot),
  );
  // Most of them are in many snapshots.
  const manifests = new Map(lists.flat().map((each) => [each.manifest_path, each]));
  const files = await filesIn(store, folder, [...manifests.values()]);
  return new Set(files.map(({ path }) => path));
}

async function filesIn(
  store: IcebergStore,
  folder: string,
  manifests: readonly ManifestFile[],
): Promise<HeldFile[]> {
  const deleting = manifests.find(({ content }) => content !== DATA_CONTENT);
  if (deleting !== undefined) {
    throw tableFault(folder, `somebody has deleted rows: ${deleting.manifest_path}`);
  }
  const entries = await mapLimited(
    manifests,
    READS_IN_FLIGHT_MAX,
    (manifest) => entriesOf(store, folder, manifest),
  );
  return entries.flat().filter(({ status }) => status !== STATUS.deleted).map(({ data_file }) => {
    const key = keyOf(store, data_file.file_path);
    const isInside = key?.startsWith(`${folder}/`) ?? false;
    return {
      path: isInside ? key!.slice(folder.length + 1) : data_file.file_path,
      bytes: Number(data_file.file_size_in_bytes),
      rows: Number(data_file.record_count),
    };
  });
}
