import { readAvroFile, writeAvroFile } from "./avro_file.ts";
import { MANIFEST_LIST_SCHEMA, MANIFEST_SCHEMA, nameOfField } from "./manifest_schema.ts";

export const STATUS = { existing: 0, added: 1, deleted: 2 } as const;

/** Manifests of files with rows; others name rows that are deleted. */
export const DATA_CONTENT = 0;

export interface DataFile {
  readonly content: number;
  /** A URL. */
  readonly file_path: string;
  readonly file_format: string;
  readonly partition: object;
  readonly record_count: bigint;
  readonly file_size_in_bytes: bigint;
  readonly value_counts?: readonly ColumnValue<bigint>[] | null;
  readonly null_value_counts?: readonly ColumnValue<bigint>[] | null;
  readonly lower_bounds?: readonly ColumnValue<Uint8Array>[] | null;
  readonly upper_bounds?: readonly ColumnValue<Uint8Array>[] | null;
}

export interface ColumnValue<T> {
  readonly key: number;
  readonly value: T;
}

export interface ManifestEntry {
  readonly status: number;
  readonly snapshot_id: bigint | null;
  /** Of an added file: null, and so that of the snapshot that its manifest came with. */
  readonly sequence_number: bigint | null;
  readonly file_sequence_number: bigint | null;
  readonly data_file: DataFile;
}

/** A manifest as a list names it. */
export interface ManifestFile {
  /** A URL. */
  readonly manifest_path: string;
  readonly manifest_length: bigint;
  readonly partition_spec_id: number;
  readonly content: number;
  readonly sequence_number: bigint;
  readonly min_sequence_number: bigint;
  readonly added_snapshot_id: bigint;
  readonly added_files_count: number;
  readonly existing_files_count: number;
  readonly deleted_files_count: number;
  readonly added_rows_count: bigint;
  readonly existing_rows_count: bigint;
  readonly deleted_rows_count: bigint;
}

/** `schema`: the table's, as its metadata has it. */
export function writeManifest(
  schema: object,
  entries: readonly ManifestEntry[],
): Uint8Array<ArrayBuffer> {
  const metadata = {
    schema: JSON.stringify(schema),
    "schema-id": String((schema as { "schema-id"?: number })["schema-id"] ?? 0),
    "partition-spec": "[]",
    "partition-spec-id": "0",
    "format-version": "2",
    content: "data",
  };
  return writeAvroFile(MANIFEST_SCHEMA, metadata, entries);
}

/** The entries of a manifest, each with the numbers that it takes from the manifest itself. */
export function readManifest(bytes: Uint8Array, manifest: ManifestFile): ManifestEntry[] {
  const { records } = readAvroFile(bytes, nameOfField);
  return (records as ManifestEntry[]).map((entry) => ({
    ...entry,
    snapshot_id: entry.snapshot_id ?? manifest.added_snapshot_id,
    sequence_number: entry.sequence_number ?? manifest.sequence_number,
    file_sequence_number: entry.file_sequence_number ?? manifest.sequence_number,
  }));
}

export function writeManifestList(
  snapshot: { readonly id: bigint; readonly parent: bigint | undefined; readonly sequence: bigint },
  manifests: readonly ManifestFile[],
): Uint8Array<ArrayBuffer> {
  const metadata = {
    "snapshot-id": String(snapshot.id),
    "parent-snapshot-id": snapshot.parent === undefined ? "null" : String(snapshot.parent),
    "sequence-number": String(snapshot.sequence),
    "format-version": "2",
  };
  return writeAvroFile(MANIFEST_LIST_SCHEMA, metadata, manifests);
}

export function readManifestList(bytes: Uint8Array): ManifestFile[] {
  return readAvroFile(bytes, nameOfField).records as ManifestFile[];
}

/** What a list says of a new manifest. */
export function manifestFileOf(
  { url, bytes, sequence, snapshot }: {
    readonly url: string;
    readonly bytes: number;
    readonly sequence: bigint;
    readonly snapshot: bigint;
  },
  entries: readonly ManifestEntry[],
): ManifestFile {
  const counts = (wanted: number) => {
    const own = entries.filter(({ status }) => status === wanted);
    return [own.length, own.reduce((sum, e) => sum + e.data_file.record_count, 0n)] as const;
  };
  const [added, addedRows] = counts(STATUS.added);
  const [existing, existingRows] = counts(STATUS.existing);
  const [deleted, deletedRows] = counts(STATUS.deleted);
  const least = entries.reduce((min, { sequence_number }) => {
    const own = sequence_number ?? sequence;
    return own < min ? own : min;
  }, sequence);
  return {
    manifest_path: url,
    manifest_length: BigInt(bytes),
    partition_spec_id: 0,
    content: DATA_CONTENT,
    sequence_number: sequence,
    min_sequence_number: least,
    added_snapshot_id: snapshot,
    added_files_count: added,
    existing_files_count: existing,
    deleted_files_count: deleted,
    added_rows_count: addedRows,
    existing_rows_count: existingRows,
    deleted_rows_count: deletedRows,
  };
}
