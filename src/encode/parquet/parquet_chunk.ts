import { Encodings, PageTypes } from "hyparquet/src/constants.js";
import { ByteWriter, type SchemaElement } from "hyparquet-writer";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import type { writeMetadata } from "hyparquet-writer/src/metadata.js";
import type { ByteSink } from "../../bson/byte_sink.ts";
import type { Compress } from "../compress/compress.ts";
import { CompactWriter } from "./compact_writer.ts";

/** The library's footer types, which it does not export by name. */
export type FileMetaData = Parameters<typeof writeMetadata>[1];
export type RowGroup = FileMetaData["row_groups"][number];
export type ColumnMetaData = NonNullable<RowGroup["columns"][number]["meta_data"]>;
export type Statistics = NonNullable<ColumnMetaData["statistics"]>;

export interface ParquetCodec {
  readonly name: ColumnMetaData["codec"];
  readonly compress: Compress;
}

/** The values of consecutive rows of one column. */
export interface DataPage {
  readonly encoding: "PLAIN" | "RLE_DICTIONARY";
  /** Encoded, nulls left out. */
  readonly values: Uint8Array;
  /** For an optional column: of each row 1, or 0 where it is null. */
  readonly levels: Uint8Array | undefined;
  readonly rows: number;
  readonly nulls: number;
}

/**
 * One column of one row group: its pages, compressed and framed as soon as they are complete, so that what is not yet
 * compressed is never more than a page.
 *
 * Pages are of version 2. The library does the same from arrays of values; it holds an object for each value and
 * copies each three times, which was half the cost of an event.
 */
export class ParquetChunk {
  readonly #element: SchemaElement;
  readonly #codec: ParquetCodec;
  readonly #sink: ByteSink;
  #headerStart = 0;
  #dictionaryBytes = 0;
  #uncompressedBytes = 0;
  #values = 0;
  #nulls = 0;
  #dataPages = 0;
  #encoding: DataPage["encoding"] = "PLAIN";

  /** `sink` takes the pages and belongs to the chunk. */
  constructor(element: SchemaElement, codec: ParquetCodec, sink: ByteSink) {
    this.#element = element;
    this.#codec = codec;
    this.#sink = sink;
  }

  /** Of all its pages so far. */
  get bytes(): number {
    return this.#sink.length;
  }

  /** The distinct values, PLAIN encoded; before all data pages. */
  addDictionaryPage(values: Uint8Array, count: number): void {
    const data = this.#codec.compress(values);
    const header = this.#beginPage("DICTIONARY_PAGE", values.length, data.length);
    header.begin(7);
    header.int32(1, count);
    header.int32(2, Encodings.indexOf("PLAIN"));
    header.end();
    this.#endPage(header, values.length, data);
    this.#dictionaryBytes = this.#sink.length;
  }

  addDataPage(page: DataPage): void {
    const levels = new ByteWriter(64);
    if (page.levels !== undefined) writeRleBitPackedHybrid(levels, page.levels, 1);
    // A page of nulls alone has nothing to compress; some readers stumble over a frame of nothing.
    const isCompressed = this.#codec.name !== "UNCOMPRESSED" && page.values.length > 0;
    const data = isCompressed ? this.#codec.compress(page.values) : page.values;
    const header = this.#beginPage(
      "DATA_PAGE_V2",
      levels.index + page.values.length,
      levels.index + data.length,
    );
    header.begin(8);
    header.int32(1, page.rows);
    header.int32(2, page.nulls);
    header.int32(3, page.rows);
    header.int32(4, Encodings.indexOf(page.encoding));
    header.int32(5, levels.index);
    header.int32(6, 0);
    if (!isCompressed) header.bool(7, false);
    header.end();
    this.#endPage(header, levels.index + page.values.length, levels.getBytes(), data);
    this.#values += page.rows;
    this.#nulls += page.nulls;
    this.#dataPages++;
    this.#encoding = page.encoding;
  }

  /**
   * Moves the pages to the end of `out`, the file so far, and gives the footer's entry. The chunk is then as new.
   * `bounds` are the smallest and largest value, where they are known.
   */
  moveTo(out: ByteSink, bounds: Pick<Statistics, "min_value" | "max_value">): ColumnMetaData {
    const start = out.length;
    out.writeBytes(this.#sink.bytes, 0, this.#sink.length);
    const hasDictionary = this.#dictionaryBytes > 0;
    const metadata: ColumnMetaData = {
      type: this.#element.type!,
      encodings: hasDictionary ? ["PLAIN", "RLE_DICTIONARY"] : ["PLAIN"],
      path_in_schema: [this.#element.name],
      codec: this.#codec.name,
      num_values: BigInt(this.#values),
      total_uncompressed_size: BigInt(this.#uncompressedBytes),
      total_compressed_size: BigInt(this.#sink.length),
      data_page_offset: BigInt(start + this.#dictionaryBytes),
      ...(hasDictionary ? { dictionary_page_offset: BigInt(start) } : {}),
      statistics: { ...bounds, null_count: BigInt(this.#nulls) },
      encoding_stats: [
        ...(hasDictionary
          ? [{ page_type: "DICTIONARY_PAGE", encoding: "PLAIN", count: 1 } as const]
          : []),
        { page_type: "DATA_PAGE_V2", encoding: this.#encoding, count: this.#dataPages },
      ],
    };
    this.#sink.reset();
    this.#dictionaryBytes = this.#uncompressedBytes = 0;
    this.#values = this.#nulls = this.#dataPages = 0;
    return metadata;
  }

  /** Begins `PageHeader` of parquet.thrift; the part that the type of the page has is to follow. */
  #beginPage(
    type: "DICTIONARY_PAGE" | "DATA_PAGE_V2",
    uncompressedBytes: number,
    bytes: number,
  ): CompactWriter {
    this.#headerStart = this.#sink.length;
    const header = new CompactWriter(this.#sink);
    header.int32(1, PageTypes.indexOf(type));
    header.int32(2, uncompressedBytes);
    header.int32(3, bytes);
    return header;
  }

  #endPage(header: CompactWriter, uncompressedBytes: number, ...parts: Uint8Array[]): void {
    header.end();
    this.#uncompressedBytes += this.#sink.length - this.#headerStart + uncompressedBytes;
    for (const part of parts) this.#sink.writeBytes(part, 0, part.length);
  }
}
