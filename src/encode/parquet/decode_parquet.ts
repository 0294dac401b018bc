import type { ColumnMetaData, FileMetaData, SchemaElement } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import type { ObjectFeed, ReadObject } from "../compress/object_feed.ts";
import { readParquetFooter } from "./parquet_footer.ts";
import { type ParquetPage, ParquetPageReader } from "./parquet_page.ts";
import { REQUIRED_COLUMNS, type ValueCheck } from "../row_check.ts";

/** A page's header is a few numbers. */
const PAGE_HEADER_BYTES_MAX = 4096;

/** How many rows a Parquet file has, as its footer says. @throws {RangeError} if it has none. */
export async function countParquet(read: ReadObject): Promise<number> {
  return Number((await readParquetFooter(read)).num_rows);
}

/**
 * As `countParquet`, with every value of every page of every column read, from the beginning of the file to its end. A
 * page is held at a time.
 */
export async function decodeParquet(
  feed: ObjectFeed,
  read: ReadObject,
  check: ValueCheck,
): Promise<number> {
  const metadata = await readParquetFooter(read);
  const leaves = leavesOf(metadata);
  let rows = 0;
  for (const group of metadata.row_groups) {
    const groupRows = Number(group.num_rows);
    if (group.columns.length !== leaves.length) {
      throw new RangeError(`a row group has ${group.columns.length} columns of ${leaves.length}`);
    }
    for (const [i, { meta_data }] of group.columns.entries()) {
      const leaf = leaves[i]!;
      if (meta_data === undefined) throw new RangeError(`column ${leaf.name} has no metadata`);
      const found = await decodeChunk(feed, leaf, meta_data, check);
      if (found === groupRows) continue;
      throw new RangeError(`column ${leaf.name} has ${found} rows, its row group ${groupRows}`);
    }
    rows += groupRows;
  }
  const said = Number(metadata.num_rows);
  if (rows !== said) throw new RangeError(`its row groups have ${rows} rows, its footer ${said}`);
  return rows;
}

/** The columns; ours are never nested. */
function leavesOf({ schema }: FileMetaData): readonly SchemaElement[] {
  const leaves = schema.filter(({ num_children }) => !num_children);
  const missing = REQUIRED_COLUMNS.find((name) => !leaves.some((leaf) => leaf.name === name));
  if (missing !== undefined) throw new RangeError(`its schema has no column ${missing}`);
  return leaves;
}

/** Reads a column's pages in one row group and answers their rows. */
async function decodeChunk(
  feed: ObjectFeed,
  leaf: SchemaElement,
  chunk: ColumnMetaData,
  check: ValueCheck,
): Promise<number> {
  const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  if (start < feed.at) throw new RangeError(`column ${leaf.name} begins at ${start}, too early`);
  await feed.take(start - feed.at);
  const pages = new ParquetPageReader(leaf, chunk, check);
  while (feed.at < end) await pages.read(await nextPage(feed));
  if (feed.at > end) throw new RangeError(`column ${leaf.name} has no end where it should`);
  pages.end();
  return pages.rows;
}

async function nextPage(feed: ObjectFeed): Promise<ParquetPage> {
  const bytes = await feed.peek(PAGE_HEADER_BYTES_MAX);
  const reader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: 0,
  };
  const header = parquetHeader(reader);
  await feed.take(reader.offset);
  return { header, data: await feed.take(header.compressed_page_size) };
}
