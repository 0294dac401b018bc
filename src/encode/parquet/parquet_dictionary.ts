import { ByteWriter, type SchemaElement } from "hyparquet-writer";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import type { ByteSink } from "../../bson/byte_sink.ts";
import { writeText } from "../../bson/utf8.ts";
import { ParquetChunk, type ParquetCodec, type RowGroup } from "./parquet_chunk.ts";
import type { Scratch } from "../scratch.ts";

/**
 * A column of few distinct texts: each stands in the dictionary once and rows name it by its place.
 *
 * A value is looked for by its bytes, so that no string is made of it.
 */
export class DictionaryColumn {
  readonly #chunk: ParquetChunk;
  readonly #scratch: ByteSink;
  readonly #levels: ByteSink | undefined;
  readonly #entries: Uint8Array[] = [];
  readonly #placesByHash = new Map<number, number[]>();
  #places: number[] = [];
  #lastPlace = 0;
  #bounds: ReturnType<typeof bounds> = {};
  #rows = 0;

  constructor(element: SchemaElement, codec: ParquetCodec, scratch: Scratch) {
    this.#chunk = new ParquetChunk(element, codec, scratch.sink(`${element.name} chunk`));
    this.#scratch = scratch.sink("dictionary");
    const isOptional = element.repetition_type === "OPTIONAL";
    this.#levels = isOptional ? scratch.sink(`${element.name} levels`) : undefined;
  }

  addNull(): void {
    this.#levels?.writeByte(0);
    this.#rows++;
  }

  /** Adds the text whose UTF-8 is `source[start, end)`. */
  addText(source: Uint8Array, start: number, end: number): void {
    this.#places.push(this.#placeOf(source, start, end));
    this.#levels?.writeByte(1);
    this.#rows++;
  }

  /** As `addText` of so many rows. */
  addTexts(source: Uint8Array, start: number, end: number, rows: number): void {
    const place = this.#placeOf(source, start, end);
    for (let i = 0; i < rows; i++) this.#places.push(place);
    this.#levels?.writeRun(1, rows);
    this.#rows += rows;
  }

  /** Ends the column chunk and says how many bytes it has. */
  endPages(): number {
    const texts = this.#entries.map((entry) => this.#validText(entry));
    if (texts.length > 0) this.#addDictionaryPage(texts);
    const values = new ByteWriter();
    if (texts.length > 0) this.#writePlaces(values, texts.length);
    this.#chunk.addDataPage({
      encoding: texts.length > 0 ? "RLE_DICTIONARY" : "PLAIN",
      values: values.getBytes(),
      levels: this.#levels?.bytes.subarray(0, this.#levels.length),
      rows: this.#rows,
      nulls: this.#rows - this.#places.length,
    });
    this.#bounds = bounds(texts);
    return this.#chunk.bytes;
  }

  /** Moves the column chunk, which has ended, to the end of the file. */
  endGroup(out: ByteSink): RowGroup["columns"][number] {
    const meta_data = this.#chunk.moveTo(out, this.#bounds);
    this.#entries.length = 0;
    this.#placesByHash.clear();
    this.#places = [];
    this.#rows = 0;
    this.#levels?.reset();
    return { file_offset: 0n, meta_data };
  }

  #placeOf(source: Uint8Array, start: number, end: number): number {
    // Neighbours mostly have the same text: a database or a collection always.
    const last = this.#entries[this.#lastPlace];
    if (last !== undefined && isEntry(last, source, start, end)) return this.#lastPlace;
    this.#lastPlace = this.#findPlace(source, start, end);
    return this.#lastPlace;
  }

  #findPlace(source: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(source, start, end);
    let places = this.#placesByHash.get(hash);
    if (places === undefined) {
      places = [];
      this.#placesByHash.set(hash, places);
    }
    for (const place of places) {
      if (isEntry(this.#entries[place]!, source, start, end)) return place;
    }
    const place = this.#entries.push(source.slice(start, end)) - 1;
    places.push(place);
    return place;
  }

  #validText(entry: Uint8Array): Uint8Array {
    this.#scratch.reset();
    writeText(entry, 0, entry.length, this.#scratch);
    return this.#scratch.take();
  }

  #addDictionaryPage(texts: readonly Uint8Array[]): void {
    const page = new ByteWriter();
    for (const text of texts) {
      page.appendUint32(text.length);
      page.appendBytes(text);
    }
    this.#chunk.addDictionaryPage(page.getBytes(), texts.length);
  }

  #writePlaces(values: ByteWriter, entries: number): void {
    const bitWidth = Math.ceil(Math.log2(entries));
    values.appendUint8(bitWidth);
    writeRleBitPackedHybrid(values, this.#places, bitWidth);
  }
}

/** FNV-1a: few and short texts need no better. */
function hashBytes(source: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
  return hash;
}

function isEntry(entry: Uint8Array, source: Uint8Array, start: number, end: number): boolean {
  if (entry.length !== end - start) return false;
  for (let i = 0; i < entry.length; i++) {
    if (entry[i] !== source[start + i]) return false;
  }
  return true;
}

function bounds(texts: readonly Uint8Array[]): { min_value?: Uint8Array; max_value?: Uint8Array } {
  if (texts.length === 0) return {};
  let min = texts[0]!;
  let max = min;
  for (const text of texts) {
    if (compareBytes(text, min) < 0) min = text;
    if (compareBytes(text, max) > 0) max = text;
  }
  return { min_value: min, max_value: max };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
