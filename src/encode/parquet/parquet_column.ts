import type { SchemaElement } from "hyparquet-writer";
import type { ByteSink } from "../../bson/byte_sink.ts";
import { ParquetChunk, type ParquetCodec, type RowGroup } from "./parquet_chunk.ts";
import type { Scratch } from "../scratch.ts";

/** What is compressed as one, and what a reader must hold to see one value. */
const PAGE_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * A column whose values stand in its pages as they are (PLAIN): numbers, and texts each after its length.
 *
 * Texts are written straight into the page, between `beginText` and `endText`.
 */
export class PlainColumn {
  readonly #element: SchemaElement;
  readonly #chunk: ParquetChunk;
  readonly #page: ByteSink;
  readonly #levels: ByteSink | undefined;
  #rows = 0;
  #nulls = 0;
  #textStart = -1;
  #min = Infinity;
  #max = -Infinity;

  constructor(element: SchemaElement, codec: ParquetCodec, scratch: Scratch) {
    this.#element = element;
    this.#chunk = new ParquetChunk(element, codec, scratch.sink(`${element.name} chunk`));
    this.#page = scratch.sink(`${element.name} page`);
    const isOptional = element.repetition_type === "OPTIONAL";
    this.#levels = isOptional ? scratch.sink(`${element.name} levels`) : undefined;
  }

  addNull(): void {
    this.#levels?.writeByte(0);
    this.#nulls++;
    this.#rows++;
  }

  /** Rows without a value: they fill no page. */
  addNulls(rows: number): void {
    this.#levels?.writeRun(0, rows);
    this.#nulls += rows;
    this.#rows += rows;
  }

  addInt32(value: number): void {
    writeInt32(value, this.#page);
    this.#addBounded(value);
  }

  /** An integer that a number holds exactly. */
  addInt64(value: number): void {
    writeInt32(value, this.#page);
    writeInt32(Math.floor(value / 2 ** 32), this.#page);
    this.#addBounded(value);
  }

  /** Whole rows, of one value each. */
  addInt32Rows(value: number, rows: number): void {
    for (let i = 0; i < rows; i++) {
      this.addInt32(value);
      this.endRow();
    }
  }

  /** As `addInt32Rows`. */
  addInt64Rows(value: number, rows: number): void {
    for (let i = 0; i < rows; i++) {
      this.addInt64(value);
      this.endRow();
    }
  }

  /** The text `source[start, end)`, which is valid UTF-8. */
  addText(source: ByteSink, start: number, end: number): void {
    this.beginText().writeFrom(source, start, end);
    this.endText();
  }

  /** Where the next row's text is to be written; `endText` makes a row of it, `dropText` takes it back. */
  beginText(): ByteSink {
    this.#textStart = this.#page.length;
    this.#page.ensure(LENGTH_BYTES);
    this.#page.length += LENGTH_BYTES;
    return this.#page;
  }

  /** Adds the text that was begun, or null if none was, and says how many bytes it has. */
  endText(): number {
    if (this.#textStart < 0) {
      this.addNull();
      return 0;
    }
    const end = this.#page.length;
    const textBytes = end - this.#textStart - LENGTH_BYTES;
    this.#page.length = this.#textStart;
    writeInt32(textBytes, this.#page);
    this.#page.length = end;
    this.#textStart = -1;
    this.#levels?.writeByte(1);
    this.#rows++;
    return textBytes;
  }

  /** Forgets a text that was begun. */
  dropText(): void {
    if (this.#textStart >= 0) this.#page.length = this.#textStart;
    this.#textStart = -1;
  }

  /** To be called when all columns have the row: a page that is full now ends. */
  endRow(): void {
    if (this.#page.length >= PAGE_BYTES) this.#endPage();
  }

  /** Ends the column chunk and says how many bytes it has. */
  endPages(): number {
    if (this.#rows > 0) this.#endPage();
    return this.#chunk.bytes;
  }

  /** Moves the column chunk, which has ended, to the end of the file. */
  endGroup(out: ByteSink): RowGroup["columns"][number] {
    const meta_data = this.#chunk.moveTo(out, this.#bounds());
    this.#min = Infinity;
    this.#max = -Infinity;
    return { file_offset: 0n, meta_data };
  }

  #addBounded(value: number): void {
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#levels?.writeByte(1);
    this.#rows++;
  }

  #bounds(): { min_value?: number | bigint; max_value?: number | bigint } {
    if (this.#min > this.#max) return {};
    if (this.#element.type === "INT32") return { min_value: this.#min, max_value: this.#max };
    return { min_value: BigInt(this.#min), max_value: BigInt(this.#max) };
  }

  #endPage(): void {
    this.#chunk.addDataPage({
      encoding: "PLAIN",
      values: this.#page.bytes.subarray(0, this.#page.length),
      levels: this.#levels?.bytes.subarray(0, this.#levels.length),
      rows: this.#rows,
      nulls: this.#nulls,
    });
    this.#page.reset();
    this.#levels?.reset();
    this.#rows = this.#nulls = 0;
  }
}

/** Little endian; of a larger number its lowest 32 bits. */
function writeInt32(value: number, out: ByteSink): void {
  out.ensure(LENGTH_BYTES);
  const { bytes, length } = out;
  bytes[length] = value;
  bytes[length + 1] = value >> 8;
  bytes[length + 2] = value >> 16;
  bytes[length + 3] = value >> 24;
  out.length += LENGTH_BYTES;
}
