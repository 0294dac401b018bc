import assert from "node:assert/strict";
import {
  type ManifestEntry,
  type ManifestFile,
  manifestFileOf,
  STATUS,
} from "../../../../src/table/iceberg/manifest.ts";
import { mergeManifests } from "../../../../src/table/iceberg/merging.ts";

/** Manifests of so many objects, each with the status that is given. */
function scene() {
  const contents = new Map<string, readonly ManifestEntry[]>();
  const held: number[] = [];
  const write = (entries: readonly ManifestEntry[]) => {
    const url = `m${contents.size}`;
    contents.set(url, entries);
    return Promise.resolve(
      manifestFileOf({ url, bytes: 1, sequence: 9n, snapshot: 9n }, entries),
    );
  };
  const read = (manifest: ManifestFile) => {
    held.push(contents.get(manifest.manifest_path)!.length);
    return Promise.resolve([...contents.get(manifest.manifest_path)!]);
  };
  const pathsIn = (manifests: readonly ManifestFile[]) =>
    manifests.flatMap((m) => contents.get(m.manifest_path)!)
      .filter(({ status }) => status !== STATUS.deleted).map((e) => e.data_file.file_path);
  return { files: { read, write }, pathsIn, held };
}

function entries(name: string, count: number, status = STATUS.added as number): ManifestEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ status, snapshot_id: 1n, sequence_number: 1n, file_sequence_number: 1n },
    data_file: { file_path: `${name}-${i}`, record_count: 1n } as ManifestEntry["data_file"],
  }));
}

Deno.test("a hundred small manifests become one with the same objects, and fewer stay as they are", async () => {
  const { files, pathsIn } = scene();
  const manifests: ManifestFile[] = [];
  for (let i = 0; i < 99; i++) manifests.push(await files.write(entries(`${i}`, 2)));
  assert.equal(await mergeManifests(manifests, files), manifests);
  manifests.push(await files.write([...entries("a", 1), ...entries("gone", 1, STATUS.deleted)]));
  const merged = await mergeManifests(manifests, files);
  assert.equal(merged.length, 1);
  assert.deepEqual(pathsIn(merged).sort(), pathsIn(manifests).sort());
  assert.deepEqual([merged[0]!.existing_files_count, merged[0]!.added_files_count], [199, 0]);
  assert.deepEqual([merged[0]!.deleted_files_count, merged[0]!.min_sequence_number], [0, 1n]);
});

Deno.test("no more is held at once than a limit, and what is large or of others stays", async () => {
  const { files, pathsIn, held } = scene();
  const manifests: ManifestFile[] = [await files.write(entries("large", 10_000))];
  for (let i = 0; i < 120; i++) manifests.push(await files.write(entries(`${i}`, 1500)));
  const deletes = { ...await files.write(entries("d", 1)), content: 1 };
  const merged = await mergeManifests([...manifests, deletes], files);
  assert.equal(held.reduce((sum, n) => sum + n, 0), 19_500);
  assert.deepEqual(pathsIn(merged).sort(), pathsIn([...manifests, deletes]).sort());
  assert.equal(merged.length, 2 + 1 + 120 - 13 + 1);
});
