import type { Random } from "../../support/random.ts";
import { VERSION } from "../../support/version.ts";
import type { StepsForTable } from "../compaction/begun_table.ts";
import type { TableFile } from "../table_log.ts";
import { begunProperties, type TableProperties } from "../table_properties.ts";
import { dataFileOf, pathIn } from "./data_file.ts";
import type { Snapshot, TableChange, TableMetadata } from "./catalog.ts";
import { expired } from "./expiry.ts";
import { avroKey, type IcebergStore, readFileOf, urlOf } from "./files.ts";
import {
  DATA_CONTENT,
  type DataFile,
  type ManifestEntry,
  type ManifestFile,
  manifestFileOf,
  readManifest,
  readManifestList,
  STATUS,
  writeManifest,
  writeManifestList,
} from "./manifest.ts";
import { existing, type ManifestFiles, mergeManifests } from "./merging.ts";
import { currentSchema, currentSnapshot, MAIN, timeOfChange } from "./metadata.ts";
import { propertiesAfter, TABLE_SCHEMA } from "./properties.ts";

const AVRO = { contentType: "application/avro" };

/** Digits of a snapshot's id: 52 bits, for there are clients that read it as a double. */
const ID_DIGITS = 13;

export interface StageParts {
  readonly store: IcebergStore;
  readonly folder: string;
  readonly random: Random;
  readonly nowMs: number;
}

/**
 * Writes the files of one more snapshot, which nobody knows of yet, and says what must be changed for it to be the current one. All
 * of it follows from this metadata: after a conflict it is made anew.
 */
export async function stageSnapshot(
  parts: StageParts,
  metadata: TableMetadata,
  { streams, joined, begunWith }: StepsForTable,
): Promise<TableChange> {
  const steps = streams.flatMap((stream) => stream.steps);
  const properties = propertiesAfter(metadata.properties, streams);
  const gone = new Set(steps.flatMap((step) => step.gone));
  const added = [...joined, ...steps.flatMap((step) => step.files)]
    .filter(({ path }) => !gone.has(path));
  const news = { ...properties, ...begunProperties(begunWith) };
  return await stage(parts, metadata, { gone, added, properties: news });
}

/** The same for a snapshot with one file in the place of others. `mayHave`: whether a manifest names one of these. */
export async function stageReplacement(
  parts: StageParts,
  metadata: TableMetadata,
  inputs: readonly string[],
  output: TableFile,
  mayHave: (manifest: ManifestFile) => boolean,
): Promise<TableChange> {
  const facts = { properties: {}, operation: "replace", mayHave };
  return await stage(parts, metadata, { gone: new Set(inputs), added: [output], ...facts });
}

/** What one snapshot changes. */
interface Content {
  /** Paths of files that are taken out, where they are there. */
  readonly gone: ReadonlySet<string>;
  readonly added: readonly TableFile[];
  readonly properties: TableProperties;
  /** Default: what the files say. */
  readonly operation?: string;
  /** Default: each manifest may name something that is gone. */
  readonly mayHave?: (manifest: ManifestFile) => boolean;
}

async function stage(
  parts: StageParts,
  metadata: TableMetadata,
  content: Content,
): Promise<TableChange> {
  const { store, folder, random } = parts;
  const parent = currentSnapshot(metadata);
  const id = BigInt(`0x${random.hex(ID_DIGITS)}`);
  const sequence = metadata["last-sequence-number"] + 1n;
  const files = manifestFiles(parts, metadata, { id, sequence });
  const added = content.added.map((file) => dataFileOf(store, folder, file));
  const before = parent === undefined ? [] : await manifestsOf(store, folder, parent);
  // Of files that went with earlier snapshots nobody need be told again.
  const there = before.filter((manifest) =>
    manifest.added_files_count + manifest.existing_files_count > 0
  );
  const { left, deleted } = await takeOut(
    there,
    content,
    files,
    (entry) => content.gone.has(pathIn(store, folder, entry.data_file)),
  );
  const news = added.length === 0 ? [] : [await files.write(added.map(entryOf))];
  const manifests = await mergeManifests([...left, ...news], files);
  const listKey = avroKey(folder, sequence, random.uuid());
  const list = writeManifestList({ id, sequence, parent: parent?.["snapshot-id"] }, manifests);
  await store.putIfAbsent(listKey, list, AVRO);
  const snapshot: Snapshot = {
    "snapshot-id": id,
    ...(parent === undefined ? {} : { "parent-snapshot-id": parent["snapshot-id"] }),
    "sequence-number": sequence,
    "timestamp-ms": timeOfChange(metadata, parts.nowMs),
    summary: summaryOf(parent, added, deleted, content.operation),
    "manifest-list": urlOf(store, listKey),
    "schema-id": metadata["current-schema-id"] as number,
  };
  return changeOf(metadata, snapshot, content.properties);
}

function changeOf(
  metadata: TableMetadata,
  snapshot: Snapshot,
  properties: Readonly<Record<string, string>>,
): TableChange {
  const forgotten = expired(metadata, snapshot["timestamp-ms"]);
  const id = snapshot["snapshot-id"];
  return {
    requirements: [
      { type: "assert-table-uuid", uuid: metadata["table-uuid"] },
      {
        type: "assert-ref-snapshot-id",
        ref: MAIN,
        "snapshot-id": currentSnapshot(metadata)?.["snapshot-id"] ?? null,
      },
    ],
    updates: [
      { action: "add-snapshot", snapshot },
      { action: "set-snapshot-ref", "ref-name": MAIN, type: "branch", "snapshot-id": id },
      ...(Object.keys(properties).length === 0
        ? []
        : [{ action: "set-properties", updates: properties }]),
      ...(forgotten.length === 0
        ? []
        : [{ action: "remove-snapshots", "snapshot-ids": forgotten }]),
    ],
  };
}

/** The manifests of a snapshot. */
export function manifestsOf(
  store: IcebergStore,
  folder: string,
  snapshot: Snapshot,
): Promise<ManifestFile[]> {
  const url = snapshot["manifest-list"];
  return readFileOf(store, folder, { url, what: "its list of manifests" }, readManifestList);
}

/** The entries of a manifest. */
export function entriesOf(
  store: IcebergStore,
  folder: string,
  manifest: ManifestFile,
): Promise<ManifestEntry[]> {
  const url = manifest.manifest_path;
  const read = (bytes: Uint8Array) => readManifest(bytes, manifest);
  return readFileOf(store, folder, { url, what: "its manifest" }, read);
}

function manifestFiles(
  { store, folder, random }: StageParts,
  metadata: TableMetadata,
  { id, sequence }: { readonly id: bigint; readonly sequence: bigint },
): ManifestFiles {
  const schema = currentSchema(metadata) ?? TABLE_SCHEMA;
  return {
    read: (manifest) => entriesOf(store, folder, manifest),
    async write(entries) {
      const bytes = writeManifest(schema, entries);
      const key = avroKey(folder, sequence, random.uuid(), "m0");
      await store.putIfAbsent(key, bytes, AVRO);
      const place = { url: urlOf(store, key), bytes: bytes.length };
      return manifestFileOf({ ...place, sequence, snapshot: id }, entries);
    },
  };
}

/** Manifests without these objects; those that have none of them are left as they are. */
async function takeOut(
  manifests: readonly ManifestFile[],
  { gone, mayHave = () => true }: Content,
  files: ManifestFiles,
  isNamed: (entry: ManifestEntry) => boolean,
): Promise<{ readonly left: readonly ManifestFile[]; readonly deleted: readonly DataFile[] }> {
  if (gone.size === 0) return { left: manifests, deleted: [] };
  const left: ManifestFile[] = [];
  const deleted: DataFile[] = [];
  for (const manifest of manifests) {
    const isGone = (entry: ManifestEntry) => entry.status !== STATUS.deleted && isNamed(entry);
    const isData = manifest.content === DATA_CONTENT && mayHave(manifest);
    const entries = isData ? await files.read(manifest) : [];
    if (!entries.some(isGone)) {
      left.push(manifest);
      continue;
    }
    deleted.push(...entries.filter(isGone).map((entry) => entry.data_file));
    const rest = entries.filter(({ status }) => status !== STATUS.deleted);
    left.push(
      await files.write(
        rest.map((entry) =>
          isGone(entry) ? { ...entry, status: STATUS.deleted, snapshot_id: null } : existing(entry)
        ),
      ),
    );
  }
  return { left, deleted };
}

function entryOf(data_file: DataFile): ManifestEntry {
  const numbers = { snapshot_id: null, sequence_number: null, file_sequence_number: null };
  return { status: STATUS.added, ...numbers, data_file };
}

function summaryOf(
  parent: Snapshot | undefined,
  added: readonly DataFile[],
  deleted: readonly DataFile[],
  operation: string = deleted.length === 0 ? "append" : added.length === 0 ? "delete" : "overwrite",
): Record<string, string> {
  const sumOf = (files: readonly DataFile[]) => ({
    "data-files": BigInt(files.length),
    records: files.reduce((sum, { record_count }) => sum + record_count, 0n),
    "files-size": files.reduce((sum, { file_size_in_bytes }) => sum + file_size_in_bytes, 0n),
  });
  const [more, less] = [sumOf(added), sumOf(deleted)];
  const summary: Record<string, string> = {
    operation,
    "engine-name": "tributary",
    "engine-version": VERSION,
  };
  for (const kind of ["data-files", "records", "files-size"] as const) {
    if (added.length > 0) summary[`added-${kind}`] = String(more[kind]);
    const removed = kind === "files-size" ? "removed-files-size" : `deleted-${kind}`;
    if (deleted.length > 0) summary[removed] = String(less[kind]);
    const before = parent === undefined ? "0" : parent.summary[`total-${kind}`];
    // Others may say what they like, or nothing.
    if (!/^\d+$/.test(before ?? "")) continue;
    summary[`total-${kind}`] = String(BigInt(before!) + more[kind] - less[kind]);
  }
  return summary;
}
