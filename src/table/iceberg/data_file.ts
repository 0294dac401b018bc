import type { ContainedFile } from "../compaction/compactable_log.ts";
import type { TableFile } from "../table_log.ts";
import { type IcebergStore, keyOf, urlOf } from "./files.ts";
import { type ColumnValue, DATA_CONTENT, type DataFile } from "./manifest.ts";
import { CLUSTER_TIME_ID } from "./properties.ts";

/** A file of the table in this folder as a manifest names it. */
export function dataFileOf(
  store: Pick<IcebergStore, "url">,
  folder: string,
  { path, bytes, rows, bounds }: TableFile,
): DataFile {
  const facts = {
    content: DATA_CONTENT,
    file_path: urlOf(store, `${folder}/${path}`),
    file_format: "PARQUET",
    partition: {},
    record_count: BigInt(rows),
    file_size_in_bytes: BigInt(bytes),
  };
  if (bounds === undefined) return facts;
  const key = CLUSTER_TIME_ID;
  return {
    ...facts,
    value_counts: [{ key, value: BigInt(rows) }],
    null_value_counts: [{ key, value: 0n }],
    lower_bounds: [{ key, value: timestampBytes(bounds.fromMs) }],
    upper_bounds: [{ key, value: timestampBytes(bounds.toMs) }],
  };
}

/** What a manifest says of a file. */
export function containedFileOf(
  store: Pick<IcebergStore, "url">,
  folder: string,
  file: DataFile,
): ContainedFile {
  const [fromMs, toMs] = [timeIn(file.lower_bounds), timeIn(file.upper_bounds)];
  return {
    path: pathIn(store, folder, file),
    bytes: Number(file.file_size_in_bytes),
    rows: Number(file.record_count),
    ...(fromMs === undefined || toMs === undefined ? {} : { bounds: { fromMs, toMs } }),
  };
}

/** Below the table's folder, whichever engine has written it; of what lies elsewhere the whole address. */
export function pathIn(
  store: Pick<IcebergStore, "url">,
  folder: string,
  { file_path }: Pick<DataFile, "file_path">,
): string {
  const key = keyOf(store, file_path);
  return key?.startsWith(`${folder}/`) ? key.slice(folder.length + 1) : file_path;
}

const TIMESTAMP_BYTES = 8;

/** A `timestamptz` as one value: microseconds, the lowest byte first. */
function timestampBytes(ms: number): Uint8Array {
  const bytes = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(ms) * 1000n, true);
  return bytes;
}

function timeIn(bounds: readonly ColumnValue<Uint8Array>[] | null | undefined): number | undefined {
  const bytes = bounds?.find(({ key }) => key === CLUSTER_TIME_ID)?.value;
  if (bytes?.length !== TIMESTAMP_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Math.floor(Number(view.getBigInt64(0, true)) / 1000);
}
