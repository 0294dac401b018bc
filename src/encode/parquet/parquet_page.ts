import { gunzipSync } from "node:zlib";
import type { ColumnMetaData, SchemaElement } from "hyparquet";
import type { parquetHeader } from "hyparquet/src/column.js";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { decompressZstd } from "../compress/decompress.ts";
import type { ValueCheck } from "../row_check.ts";

export interface ParquetPage {
  readonly header: ReturnType<typeof parquetHeader>;
  /** As it lies in the file. */
  readonly data: Uint8Array;
}

/** Damage must not cost the memory that it claims: a page is a megabyte and a row. */
const PAGE_BYTES_MAX = 1024 * 1024 * 1024;

/**
 * Reads the pages of one column chunk, as this program writes them: a dictionary or none, data pages of version 2, texts
 * and integers.
 */
export class ParquetPageReader {
  static readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #leaf: SchemaElement;
  readonly #chunk: ColumnMetaData;
  readonly #valueFault: ValueCheck;
  #dictionary: readonly string[] | undefined;
  #min = Infinity;
  #max = -Infinity;
  #rows = 0;

  constructor(leaf: SchemaElement, chunk: ColumnMetaData, check: ValueCheck) {
    this.#leaf = leaf;
    this.#chunk = chunk;
    this.#valueFault = check;
  }

  get rows(): number {
    return this.#rows;
  }

  /** @throws {RangeError} if a value in it cannot be what was written. */
  async read({ header, data }: ParquetPage): Promise<void> {
    if (header.type === "DICTIONARY_PAGE") {
      const { num_values } = header.dictionary_page_header!;
      const values = await this.#decompress(data, header.uncompressed_page_size);
      this.#dictionary = this.#texts(values, num_values);
      return;
    }
    const page = header.data_page_header_v2;
    if (header.type !== "DATA_PAGE_V2" || page === undefined) throw this.#fault("an unknown page");
    const levelBytes = page.definition_levels_byte_length + page.repetition_levels_byte_length;
    const there = page.num_values - page.num_nulls;
    if (!(levelBytes >= 0 && levelBytes <= data.length && there >= 0 && page.num_nulls >= 0)) {
      throw this.#fault("a page header that cannot be");
    }
    this.#checkLevels(data.subarray(0, levelBytes), page.num_values, there);
    const packed = data.subarray(levelBytes);
    const size = header.uncompressed_page_size - levelBytes;
    const values = page.is_compressed === false ? packed : await this.#decompress(packed, size);
    if (values.length !== size) throw this.#fault(`${values.length} bytes in a page of ${size}`);
    if (page.encoding === "PLAIN") this.#checkPlain(values, there);
    else if (page.encoding === "RLE_DICTIONARY") this.#checkPlaces(values, there);
    else throw this.#fault(`values in the encoding ${page.encoding}`);
    this.#rows += page.num_values;
  }

  /** To be called behind the last page: the footer says what lies between which bounds. */
  end(): void {
    const { min_value, max_value } = this.#chunk.statistics ?? {};
    for (const [said, found] of [[min_value, this.#min], [max_value, this.#max]] as const) {
      const bound = said instanceof Date ? said.getTime() : Number(said);
      const isNumber = typeof said === "bigint" || typeof said === "number" || said instanceof Date;
      if (isNumber && bound !== found) {
        throw this.#fault(`the bound ${found}, where its footer says ${bound}`);
      }
    }
  }

  /** Which rows have a value. */
  #checkLevels(bytes: Uint8Array, rows: number, there: number): void {
    if (this.#leaf.repetition_type !== "OPTIONAL") {
      if (there !== rows) throw this.#fault("nulls");
      return;
    }
    const levels = this.#unpack(bytes, 1, rows);
    const found = levels.reduce((sum, level) => sum + level, 0);
    if (found !== there) throw this.#fault(`${found} values in a page of ${there}`);
  }

  #checkPlain(values: Uint8Array, count: number): void {
    if (this.#leaf.type === "BYTE_ARRAY") {
      this.#texts(values, count);
      return;
    }
    const width = this.#leaf.type === "INT64" ? 8 : 4;
    if (values.length !== count * width) {
      throw this.#fault(`${values.length} bytes of ${count} values`);
    }
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    for (let at = 0; at < values.length; at += width) {
      const value = width === 8 ? Number(view.getBigInt64(at, true)) : view.getInt32(at, true);
      this.#check(value);
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
    }
  }

  /** Rows name their text by its place in the dictionary; every text there has been looked at. */
  #checkPlaces(values: Uint8Array, count: number): void {
    const entries = this.#dictionary?.length ?? 0;
    const width = values[0];
    if (width === undefined || width > 32) throw this.#fault("a dictionary page without places");
    const places = this.#unpack(values.subarray(1), width, count);
    if (places.some((place) => place >= entries)) throw this.#fault("a place in no dictionary");
  }

  #unpack(bytes: Uint8Array, width: number, count: number): Uint32Array {
    const places = new Uint32Array(count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (count > 0) readRleBitPackedHybrid({ view, offset: 0 }, width, places, bytes.length);
    return places;
  }

  #texts(values: Uint8Array, count: number): string[] {
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const isDictionary = this.#chunk.dictionary_page_offset !== undefined;
    const texts: string[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      const end = at + 4 + view.getUint32(at, true);
      if (end > values.length) throw this.#fault("a text that has no end");
      const text = this.#text(values.subarray(at + 4, end));
      this.#check(text);
      if (isDictionary) texts.push(text);
      at = end;
    }
    if (at !== values.length) throw this.#fault("bytes behind its last text");
    return texts;
  }

  #text(bytes: Uint8Array): string {
    try {
      return ParquetPageReader.#decoder.decode(bytes);
    } catch {
      throw this.#fault("a text that is not UTF-8");
    }
  }

  #check(value: string | number): void {
    const fault = this.#valueFault(this.#leaf.name, value);
    if (fault !== undefined) throw new RangeError(fault);
  }

  async #decompress(data: Uint8Array, size: number): Promise<Uint8Array> {
    if (!(size >= 0 && size <= PAGE_BYTES_MAX)) throw this.#fault(`a page of ${size} bytes`);
    const { codec } = this.#chunk;
    const values = await this.#decompressAll(data, size);
    if (values.length === size) return values;
    throw this.#fault(`${values.length} bytes in a page of ${size} (${codec})`);
  }

  async #decompressAll(data: Uint8Array, size: number): Promise<Uint8Array> {
    switch (this.#chunk.codec) {
      case "UNCOMPRESSED":
        return data;
      case "GZIP":
        return gunzipSync(data);
      case "ZSTD":
        return await decompressZstd(data);
      case "SNAPPY": {
        const values = new Uint8Array(size);
        snappyUncompress(data, values);
        return values;
      }
      default:
        throw this.#fault(`the codec ${this.#chunk.codec}`);
    }
  }

  #fault(what: string): RangeError {
    return new RangeError(`column ${this.#leaf.name} has ${what}`);
  }
}
