import { type FileMetaData, parquetMetadata } from "hyparquet";
import type { ReadObject } from "../compress/object_feed.ts";

/** What a Parquet file ends with: the footer's length and the magic bytes. */
const TAIL_BYTES = 8;

/** Read with the tail, so that most footers need no second request. */
const TAIL_GUESS_BYTES = 16 * 1024;

/** No footer of ours comes near: one of a thousand row groups has under two megabytes. */
const FOOTER_BYTES_MAX = 64 * 1024 * 1024;

/** What the end of a Parquet file says of it. @throws {RangeError} if it says nothing that can be read. */
export async function readParquetFooter(read: ReadObject): Promise<FileMetaData> {
  let tail = await read(-TAIL_GUESS_BYTES);
  if (tail.length < TAIL_BYTES) throw new RangeError(`${tail.length} bytes are no Parquet file`);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const footerBytes = view.getUint32(tail.length - TAIL_BYTES, true) + TAIL_BYTES;
  if (footerBytes > tail.length && footerBytes <= FOOTER_BYTES_MAX) tail = await read(-footerBytes);
  try {
    return parquetMetadata(tail);
  } catch (error) {
    throw new RangeError(`its footer cannot be read: ${(error as Error).message}`);
  }
}
