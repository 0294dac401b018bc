import { crc32, inflateRawSync } from "node:zlib";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { decompressZstd } from "../compress/decompress.ts";
import type { ObjectFeed } from "../compress/object_feed.ts";
import { REQUIRED_COLUMNS, type ValueCheck } from "../row_check.ts";

const MAGIC = "Obj\x01";
const SYNC_BYTES = 16;
/** No integer of ours is longer. */
const VARINT_BYTES_MAX = 10;
const SNAPPY_CRC_BYTES = 4;

/**
 * How many rows are in an Avro container file: its blocks say so (Avro 1.11 specification, "Object Container Files").
 *
 * @throws {RangeError} if there is something else.
 */
export async function countAvro(feed: ObjectFeed): Promise<number> {
  const file = await openFile(feed);
  let rows = 0;
  while (feed.left > 0) rows += (await nextBlock(feed, file)).rows;
  return rows;
}

/** As `countAvro`, with every row of every block read. */
export async function decodeAvro(feed: ObjectFeed, check: ValueCheck): Promise<number> {
  const file = await openFile(feed);
  const fields = readSchema(file.metadata.get("avro.schema"));
  let rows = 0;
  while (feed.left > 0) {
    const block = await nextBlock(feed, file);
    const bytes = await decompress(file.metadata.get("avro.codec") ?? "null", block.data);
    const reader = new AvroReader(bytes);
    for (let i = 1; i <= block.rows; i++) readRow(reader, fields, rows + i, check);
    if (!reader.atEnd) throw new RangeError("a block has bytes behind its last row");
    rows += block.rows;
  }
  return rows;
}

interface AvroFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly sync: Uint8Array;
}

async function openFile(feed: ObjectFeed): Promise<AvroFile> {
  const magic = await feed.take(MAGIC.length);
  if (new TextDecoder("latin1").decode(magic) !== MAGIC) {
    throw new RangeError("it does not begin like an Avro file");
  }
  const metadata = new Map<string, string>();
  for (let entries = await blockCount(feed); entries !== 0; entries = await blockCount(feed)) {
    for (let i = 0; i < entries; i++) metadata.set(await takeText(feed), await takeText(feed));
  }
  return { metadata, sync: (await feed.take(SYNC_BYTES)).slice() };
}

async function nextBlock(feed: ObjectFeed, { sync }: AvroFile) {
  const rows = await takeLong(feed);
  const data = await feed.take(await takeLong(feed));
  const end = await feed.take(SYNC_BYTES);
  if (rows < 0) throw new RangeError(`a block has ${rows} rows`);
  if (end.some((byte, i) => byte !== sync[i])) {
    throw new RangeError("a block does not end as it should");
  }
  return { rows, data };
}

/** The entries of a map block; a negative count is followed by the block's size. */
async function blockCount(feed: ObjectFeed): Promise<number> {
  const count = await takeLong(feed);
  if (count >= 0) return count;
  await takeLong(feed);
  return -count;
}

async function takeLong(feed: ObjectFeed): Promise<number> {
  const reader = new AvroReader(await feed.peek(VARINT_BYTES_MAX));
  const value = reader.long();
  await feed.take(reader.at);
  return value;
}

async function takeText(feed: ObjectFeed): Promise<string> {
  return new TextDecoder().decode(await feed.take(await takeLong(feed)));
}

async function decompress(codec: string, data: Uint8Array): Promise<Uint8Array> {
  switch (codec) {
    case "null":
      return data;
    case "deflate":
      return inflateRawSync(data);
    case "zstandard":
      return await decompressZstd(data);
    case "snappy":
      return unsnap(data);
    default:
      throw new RangeError(`its codec "${codec}" is not known`);
  }
}

/** Snappy's block begins with its content's length; Avro puts the content's CRC-32 behind it. */
function unsnap(data: Uint8Array): Uint8Array {
  const end = data.length - SNAPPY_CRC_BYTES;
  if (end < 1) throw new RangeError("a block is too short");
  const size = new AvroReader(data).unsigned();
  if (size > 2 ** 31) throw new RangeError(`a block says that it has ${size} bytes`);
  const content = new Uint8Array(size);
  snappyUncompress(data.subarray(0, end), content);
  const expected = new DataView(data.buffer, data.byteOffset + end, SNAPPY_CRC_BYTES).getUint32(0);
  if (crc32(content) !== expected) throw new RangeError("the checksum of a block is wrong");
  return content;
}

type Primitive = "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string";

interface AvroField {
  readonly name: string;
  /** More than one: a union, whose branch goes before the value. */
  readonly branches: readonly Primitive[];
}

const PRIMITIVES: readonly string[] = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
];

function readSchema(json: string | undefined): readonly AvroField[] {
  const schema = parseJson(json ?? "");
  if (!Array.isArray(schema?.fields)) throw new RangeError("its schema is no record");
  const fields = schema.fields.map(({ name, type }: { name: string; type: unknown }) => ({
    name,
    branches: (Array.isArray(type) ? type : [type]).map((each) => primitiveOf(name, each)),
  }));
  const names = fields.map(({ name }: AvroField) => name);
  const missing = REQUIRED_COLUMNS.find((name) => !names.includes(name));
  if (missing !== undefined) throw new RangeError(`its schema has no column ${missing}`);
  return fields;
}

// deno-lint-ignore no-explicit-any -- what a file says of itself can be anything.
function parseJson(json: string): any {
  try {
    return JSON.parse(json);
  } catch {
    throw new RangeError("its schema is not JSON");
  }
}

function primitiveOf(name: string, type: unknown): Primitive {
  const plain = typeof type === "object" && type !== null
    ? (type as { type?: unknown }).type
    : type;
  if (typeof plain === "string" && PRIMITIVES.includes(plain)) return plain as Primitive;
  throw new RangeError(`the type of its column ${name} is ${JSON.stringify(type)}`);
}

function readRow(
  reader: AvroReader,
  fields: readonly AvroField[],
  number: number,
  check: ValueCheck,
): void {
  for (const { name, branches } of fields) {
    const branch = branches.length > 1 ? branches[reader.long()] : branches[0];
    if (branch === undefined) throw new RangeError(`row ${number}: column ${name} is of no type`);
    const fault = check(name, reader.value(branch));
    if (fault !== undefined) throw new RangeError(`row ${number}: ${fault}`);
  }
}

class AvroReader {
  static readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  value(type: Primitive): unknown {
    switch (type) {
      case "null":
        return null;
      case "boolean":
        return this.#byte() !== 0;
      case "int":
      case "long":
        return this.long();
      case "float":
        return this.#skip(4);
      case "double":
        return this.#skip(8);
      case "bytes":
        return this.#skip(this.long());
      case "string":
        return this.#text();
    }
  }

  /** A zig-zag coded integer; counts, lengths and times stay below 2^53. */
  long(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      if (factor > 2 ** 56) throw new RangeError("a number in it has no end");
    }
  }

  #byte(): number {
    if (this.atEnd) throw new RangeError("it ends too early");
    return this.#bytes[this.at++]!;
  }

  #skip(count: number): Uint8Array {
    if (!(count >= 0 && this.at + count <= this.#bytes.length)) {
      throw new RangeError("it ends too early");
    }
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  #text(): string {
    const bytes = this.#skip(this.long());
    try {
      return AvroReader.#decoder.decode(bytes);
    } catch {
      throw new RangeError("a text in it is not UTF-8");
    }
  }
}
