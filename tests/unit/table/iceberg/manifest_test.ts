import assert from "node:assert/strict";
import {
  type ManifestEntry,
  manifestFileOf,
  readManifest,
  readManifestList,
  STATUS,
  writeManifest,
  writeManifestList,
} from "../../../../src/table/iceberg/manifest.ts";
import { TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";

function entry(path: string, status: number, sequence: bigint | null = null): ManifestEntry {
  return {
    ...{ status, snapshot_id: sequence, sequence_number: sequence, file_sequence_number: sequence },
    data_file: {
      ...{ content: 0, file_path: path, file_format: "PARQUET", partition: {} },
      ...{ record_count: 3n, file_size_in_bytes: 10n },
      lower_bounds: [{ key: 4, value: new Uint8Array([1, 2]) }],
    },
  };
}

const LARGE_ID = 2_776_548_382_984_813_079n;

Deno.test("entries of a manifest take from it what they do not say themselves", () => {
  const entries = [entry("a", STATUS.added), entry("b", STATUS.existing, 2n)];
  const bytes = writeManifest(TABLE_SCHEMA, entries);
  const place = { url: "m", bytes: bytes.length, sequence: 5n, snapshot: LARGE_ID };
  const read = readManifest(bytes, manifestFileOf(place, entries));
  assert.deepEqual(read.map((each) => [each.snapshot_id, each.sequence_number]), [
    [LARGE_ID, 5n],
    [2n, 2n],
  ]);
  assert.deepEqual(read[0]!.data_file.lower_bounds, entries[0]!.data_file.lower_bounds);
});

Deno.test("a list says how many objects and rows of each kind its manifests have", () => {
  const entries = [
    ...[entry("a", STATUS.added), entry("b", STATUS.added)],
    ...[entry("c", STATUS.existing, 2n), entry("d", STATUS.deleted, 3n)],
  ];
  const file = manifestFileOf({ url: "m", bytes: 9, sequence: 5n, snapshot: 1n }, entries);
  const list = writeManifestList({ id: 1n, parent: undefined, sequence: 5n }, [file]);
  const [read] = readManifestList(list);
  const { added_files_count: added, existing_files_count: existing } = read!;
  assert.deepEqual([added, existing, read!.deleted_files_count], [2, 1, 1]);
  assert.deepEqual([read!.added_rows_count, read!.min_sequence_number], [6n, 2n]);
});
