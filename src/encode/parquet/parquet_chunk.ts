import { ByteWriter, type SchemaElement } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import type { writeMetadata } from "hyparquet-writer/src/metadata.js";
import type { ByteSink } from "../../bson/byte_sink.ts";
import type { Compress } from "../compress/compress.ts";

/** The library's footer types, which it does not export by name. */
export type FileMetaData = Parameters<typeof writeMetadata>[1];
export type RowGroup = FileMetaData["row_groups"][number];
type ColumnMetaData = NonNullable<RowGroup["columns"][number]["meta_data"]>;
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
    this.#addPage({
      type: "DICTIONARY_PAGE",
      uncompressed_page_size: values.length,
      compressed_page_size: data.length,
      dictionary_page_header: { num_values: count, encoding: "PLAIN" },
    }, data);
    this.#uncompressedBytes += values.length;
    this.#dictionaryBytes = this.#sink.length;
  }

  addDataPage(page: DataPage): void {
    const levels = new ByteWriter(64);
    if (page.levels !== undefined) writeRleBitPackedHybrid(levels, page.levels, 1);
    // A page of nulls alone has nothing to compress; some readers stumble over a frame of nothing.
    const isCompressed = this.#codec.name !== "UNCOMPRESSED" && page.values.length > 0;
    const data = isCompressed ? this.#codec.compress(page.values) : page.values;
    this.#addPage(
      {
        type: "DATA_PAGE_V2",
        uncompressed_page_size: levels.index + page.values.length,
        compressed_page_size: levels.index + data.length,
        data_page_header_v2: {
          num_values: page.rows,
          num_nulls: page.nulls,
          num_rows: page.rows,
          encoding: page.encoding,
          definition_levels_byte_length: levels.index,
          repetition_levels_byte_length: 0,
          is_compressed: isCompressed,
        },
      },
      levels.getBytes(),
      data,
    );
    this.#uncompressedBytes += levels.index + page.values.length;
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

  #addPage(header: Parameters<typeof writePageHeader>[1], ...parts: Uint8Array[]): void {
    const writer = new ByteWriter(64);
    writePageHeader(writer, header);
    this.#uncompressedBytes += writer.index;
    this.#sink.writeBytes(writer.getBytes(), 0, writer.index);
    for (const part of parts) this.#sink.writeBytes(part, 0, part.length);
  }
}
