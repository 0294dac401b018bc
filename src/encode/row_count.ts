import { gunzipSync } from "node:zlib";
import * as zlib from "node:zlib";
import { parquetMetadata } from "hyparquet";
import { PermanentError } from "../model/errors.ts";
import type { Format } from "../model/settings.ts";

/** Reads a part of one object, `[start, end)`; a negative start counts from the end. */
export type ReadObject = (start: number, end?: number) => Promise<Uint8Array<ArrayBuffer>>;

/** What a Parquet file ends with: the footer's length and the magic bytes. */
const PARQUET_TAIL_BYTES = 8;

/** Read with the tail, so that most footers need no second request. */
const PARQUET_TAIL_GUESS_BYTES = 16 * 1024;

const AVRO_MAGIC = "Obj\x01";
const AVRO_SYNC_BYTES = 16;

/**
 * How many rows an object holds, by what is in it: the footer of Parquet, the block counts of Avro, the lines of JSON
 * Lines, the records of CSV without its header.
 *
 * @param key tells the format by its extension
 * @throws {PermanentError} if the content is not of that format.
 */
export async function countRows(key: string, read: ReadObject): Promise<number> {
  const match = /\.(parquet|avro|jsonl|csv)(?:\.(gz|zst))?$/.exec(key);
  if (match === null) {
    throw new PermanentError(`Cannot count the rows of ${key}: no known extension`);
  }
  try {
    if (match[1] === "parquet") return await countParquet(read);
    const bytes = await decompress(await read(0), match[2]);
    return COUNTERS[match[1] as Exclude<Format, "parquet">](bytes);
  } catch (error) {
    if (error instanceof PermanentError) throw error;
    if (error instanceof RangeError || error instanceof Error && isDamage(error)) {
      throw new PermanentError(`Cannot count the rows of ${key}: it is damaged (${error.message})`);
    }
    throw error;
  }
}

/** Counts the rows of objects in a place that parts of objects can be got from; of Parquet, only the end is. */
export function rowCounter(store: {
  get(
    key: string,
    range: { readonly start: number; readonly end?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
}): (key: string) => Promise<number> {
  return (key) =>
    countRows(key, async (start, end) => {
      const bytes = await store.get(key, end === undefined ? { start } : { start, end });
      if (bytes === undefined) throw new PermanentError(`Cannot read ${key}: it is gone`);
      return bytes;
    });
}

const COUNTERS: Readonly<Record<Exclude<Format, "parquet">, (bytes: Uint8Array) => number>> = {
  jsonl: countLines,
  csv: countCsvRecords,
  avro: countAvro,
};

/** Errors of the decompressors and the Parquet reader say what is wrong with the bytes, not with the world. */
function isDamage(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  return (typeof code === "string" && code.startsWith("Z_")) ||
    /parquet|zstd|header/i.test(error.message);
}

async function countParquet(read: ReadObject): Promise<number> {
  let tail = await read(-PARQUET_TAIL_GUESS_BYTES);
  if (tail.length < PARQUET_TAIL_BYTES) {
    throw new RangeError(`${tail.length} bytes are no Parquet file`);
  }
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const footerBytes = view.getUint32(tail.length - PARQUET_TAIL_BYTES, true) + PARQUET_TAIL_BYTES;
  if (footerBytes > tail.length) tail = await read(-footerBytes);
  const buffer = tail.buffer.slice(tail.byteOffset, tail.byteOffset + tail.byteLength);
  return Number(parquetMetadata(buffer).num_rows);
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === 0x0a) lines++;
  return lines;
}

/** Line ends inside quotes belong to a field. */
function countCsvRecords(bytes: Uint8Array): number {
  let records = 0;
  let quoted = false;
  for (const byte of bytes) {
    if (byte === 0x22) quoted = !quoted;
    else if (byte === 0x0a && !quoted) records++;
  }
  return Math.max(0, records - 1);
}

/** Adds up the block counts (Avro 1.11 specification, "Object Container Files"). */
function countAvro(bytes: Uint8Array): number {
  const reader = new AvroReader(bytes);
  for (const char of AVRO_MAGIC) {
    if (reader.byte() !== char.charCodeAt(0)) {
      throw new RangeError("it does not begin like an Avro file");
    }
  }
  for (let entries = reader.blockCount(); entries !== 0; entries = reader.blockCount()) {
    for (let i = 0; i < entries * 2; i++) reader.skip(reader.long());
  }
  reader.skip(AVRO_SYNC_BYTES);
  let rows = 0;
  while (!reader.atEnd) {
    rows += reader.long();
    reader.skip(reader.long() + AVRO_SYNC_BYTES);
  }
  return rows;
}

class AvroReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    if (this.atEnd) throw new RangeError("it ends too early");
    return this.#bytes[this.#at++]!;
  }

  skip(count: number): void {
    if (count < 0 || this.#at + count > this.#bytes.length) {
      throw new RangeError("it ends too early");
    }
    this.#at += count;
  }

  /** A zig-zag coded integer; counts and lengths stay below 2^53. */
  long(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      if (factor > 2 ** 56) throw new RangeError("a number in it has no end");
    }
  }

  /** The entries of a map block; a negative count is followed by the block's size. */
  blockCount(): number {
    const count = this.long();
    if (count >= 0) return count;
    this.long();
    return -count;
  }
}

async function decompress(bytes: Uint8Array, suffix: string | undefined): Promise<Uint8Array> {
  if (suffix === undefined) return bytes;
  if (suffix === "gz") return gunzipSync(bytes);
  const native =
    (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdDecompressSync;
  if (native !== undefined) return native(bytes);
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  return (await Zstd.load()).decompress(bytes);
}
