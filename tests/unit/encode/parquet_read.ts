/** Reads Parquet with `hyparquet`, the counterpart of the library that writes headers and footer. */
import { type FileMetaData, parquetMetadata, parquetReadObjects } from "hyparquet";

/** The file's rows in order, documents parsed. Uncompressed files only. */
export async function readParquet(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Record<string, unknown>[]> {
  return await parquetReadObjects({ file: bytes.buffer });
}

export function parquetFooter(bytes: Uint8Array<ArrayBuffer>): FileMetaData {
  return parquetMetadata(bytes.buffer);
}
