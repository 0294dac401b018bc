import { mapLimited } from "../../support/flow/limited.ts";
import { type HeldFile, tableFault } from "../table_log.ts";
import type { TableMetadata } from "./catalog.ts";
import { pathIn } from "./data_file.ts";
import type { IcebergStore } from "./files.ts";
import { DATA_CONTENT, type DataFile, type ManifestFile, STATUS } from "./manifest.ts";
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
  assertNoneDeleted(folder, manifests);
  const files = await mapLimited(
    manifests,
    READS_IN_FLIGHT_MAX,
    (manifest) => liveFiles(store, folder, manifest),
  );
  return files.flat().map((file) => ({
    path: pathIn(store, folder, file),
    bytes: Number(file.file_size_in_bytes),
    rows: Number(file.record_count),
  }));
}

/** Somebody else may have deleted rows of files that stay: nobody can say then what the table has. */
export function assertNoneDeleted(folder: string, manifests: readonly ManifestFile[]): void {
  const deleting = manifests.find(({ content }) => content !== DATA_CONTENT);
  if (deleting === undefined) return;
  throw tableFault(folder, `somebody has deleted rows: ${deleting.manifest_path}`);
}

/** What a manifest says that is still there. */
export async function liveFiles(
  store: IcebergStore,
  folder: string,
  manifest: ManifestFile,
): Promise<DataFile[]> {
  const entries = await entriesOf(store, folder, manifest);
  return entries.filter(({ status }) => status !== STATUS.deleted)
    .map(({ data_file }) => data_file);
}
