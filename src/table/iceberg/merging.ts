import { mapLimited } from "../../support/flow/limited.ts";
import { DATA_CONTENT, type ManifestEntry, type ManifestFile, STATUS } from "./manifest.ts";

/** From so many small manifests on, readers would open a file for a few objects each. */
const SMALL_MANIFESTS_MAX = 100;

/** A manifest of so many objects is no longer small. */
const ENTRIES_A_MANIFEST = 10_000;

/** Of which so many are held at once. */
const ENTRIES_A_MERGE_MAX = 20_000;

const READS_IN_FLIGHT_MAX = 8;

export interface ManifestFiles {
  read(manifest: ManifestFile): Promise<ManifestEntry[]>;
  write(entries: readonly ManifestEntry[]): Promise<ManifestFile>;
}

/** The same objects in fewer manifests, where there are too many; the oldest first. */
export async function mergeManifests(
  manifests: readonly ManifestFile[],
  files: ManifestFiles,
): Promise<readonly ManifestFile[]> {
  const small = manifests.filter((manifest) =>
    manifest.content === DATA_CONTENT && manifest.partition_spec_id === 0 &&
    countOf(manifest) < ENTRIES_A_MANIFEST
  );
  if (small.length < SMALL_MANIFESTS_MAX) return manifests;
  let entries = 0;
  const merged = new Set(
    small.filter((manifest) => (entries += countOf(manifest)) <= ENTRIES_A_MERGE_MAX),
  );
  const read = await mapLimited([...merged], READS_IN_FLIGHT_MAX, (each) => files.read(each));
  const left = read.flat().filter(({ status }) => status !== STATUS.deleted).map(existing);
  const written: ManifestFile[] = [];
  for (let first = 0; first < left.length; first += ENTRIES_A_MANIFEST) {
    written.push(await files.write(left.slice(first, first + ENTRIES_A_MANIFEST)));
  }
  return [...written, ...manifests.filter((manifest) => !merged.has(manifest))];
}

/** An entry as it is told by a later snapshot than the one that brought it. */
export function existing(entry: ManifestEntry): ManifestEntry {
  return { ...entry, status: STATUS.existing };
}

function countOf(manifest: ManifestFile): number {
  const { added_files_count, existing_files_count, deleted_files_count } = manifest;
  return added_files_count + existing_files_count + deleted_files_count;
}
