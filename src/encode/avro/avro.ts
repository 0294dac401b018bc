import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ByteSink } from "../../bson/byte_sink.ts";
import type { EventSpans } from "../../bson/event/event_spans.ts";
import { writeText } from "../../bson/utf8.ts";
import type { Compression } from "../../model/format.ts";
import type { Encoding, JsonMode } from "../../model/settings.ts";
import { AVRO_SCHEMA } from "./avro_schema.ts";
import { type Codec, type Compress, loadCompress } from "../compress/compress.ts";
import { DOCUMENT_COLUMNS, isNullDocument, writeDocumentColumn } from "../document_column.ts";
import type { ObjectWriter } from "../object_writer.ts";
import type { Scratch } from "../scratch.ts";
import { writeZigZag } from "./varint.ts";

/** A block is what a reader holds in memory and compresses as one; larger ones compress little better. */
const BLOCK_BYTES = 256 * 1024;
const SYNC_BYTES = 16;
/** The branches of a `["null", X]` union. */
const BRANCH_NULL = 0;
const BRANCH_VALUE = 1;

/** What `COMPRESSION` means in a container file: the codec's name there, and how a block is compressed. */
const AVRO_CODECS: Readonly<Record<Compression, { readonly name: string; readonly codec: Codec }>> =
  {
    none: { name: "null", codec: "none" },
    gzip: { name: "deflate", codec: "deflate-raw" },
    zstd: { name: "zstandard", codec: "zstd" },
    snappy: { name: "snappy", codec: "snappy" },
  };

/** Begins an Avro object container file (Avro 1.11 specification, "Object Container Files"). */
export async function openAvro(encoding: Encoding, scratch: Scratch): Promise<ObjectWriter> {
  const { name, codec } = AVRO_CODECS[encoding.compression];
  const compress = await loadCompress(codec, encoding.compressionLevel);
  return new AvroWriter(encoding.jsonMode, scratch, name, compress);
}

class AvroWriter implements ObjectWriter {
  readonly #mode: JsonMode;
  readonly #codecName: string;
  readonly #compress: Compress;
  readonly #out: ByteSink;
  readonly #block: ByteSink;
  /** A string's length goes before it, so it is written here first. */
  readonly #field: ByteSink;
  #blockRows = 0;
  #sync: Uint8Array | undefined;

  constructor(mode: JsonMode, scratch: Scratch, codecName: string, compress: Compress) {
    this.#mode = mode;
    this.#codecName = codecName;
    this.#compress = compress;
    this.#out = scratch.sink("out");
    this.#block = scratch.sink("block");
    this.#field = scratch.sink("field");
  }

  add(bytes: Uint8Array, spans: EventSpans): void {
    const rowStart = this.#block.length;
    try {
      this.#addRow(bytes, spans);
    } catch (error) {
      this.#block.length = rowStart;
      throw error;
    }
    this.#blockRows++;
    if (this.#block.length >= BLOCK_BYTES) this.#endBlock();
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.#blockRows > 0 || this.#sync === undefined) this.#endBlock();
    return this.#out.take();
  }

  #addRow(bytes: Uint8Array, spans: EventSpans): void {
    const block = this.#block;
    this.#addText(bytes, spans.operationStart, spans.operationEnd);
    this.#addText(bytes, spans.databaseStart, spans.databaseEnd);
    if (spans.collectionStart < 0) {
      writeZigZag(BRANCH_NULL, block);
    } else {
      writeZigZag(BRANCH_VALUE, block);
      this.#addText(bytes, spans.collectionStart, spans.collectionEnd);
    }
    writeZigZag(spans.clusterSeconds * 1000, block);
    writeZigZag(spans.clusterIncrement, block);
    if (Number.isNaN(spans.wallTimeMs)) {
      writeZigZag(BRANCH_NULL, block);
    } else {
      writeZigZag(BRANCH_VALUE, block);
      writeZigZag(spans.wallTimeMs, block);
    }
    for (const column of DOCUMENT_COLUMNS) {
      if (isNullDocument(spans, column)) {
        writeZigZag(BRANCH_NULL, block);
        continue;
      }
      writeZigZag(BRANCH_VALUE, block);
      this.#field.reset();
      writeDocumentColumn(bytes, spans, column, this.#field, this.#mode);
      this.#addField();
    }
    this.#addText(bytes, spans.tokenStart, spans.tokenEnd);
  }

  #addText(bytes: Uint8Array, start: number, end: number): void {
    this.#field.reset();
    writeText(bytes, start, end, this.#field);
    this.#addField();
  }

  #addField(): void {
    writeZigZag(this.#field.length, this.#block);
    this.#block.writeBytes(this.#field.bytes, 0, this.#field.length);
  }

  #endBlock(): void {
    const rows = this.#block.bytes.subarray(0, this.#block.length);
    const sync = this.#sync ??= this.#writeHeader(rows);
    if (this.#blockRows > 0) {
      const data = this.#compress(rows);
      const isSnappy = this.#codecName === "snappy";
      writeZigZag(this.#blockRows, this.#out);
      writeZigZag(data.length + (isSnappy ? 4 : 0), this.#out);
      this.#out.writeBytes(data, 0, data.length);
      if (isSnappy) writeBigEndian32(crc32(rows), this.#out);
      this.#out.writeBytes(sync, 0, sync.length);
    }
    this.#block.reset();
    this.#blockRows = 0;
  }

  /**
   * The marker that ends each block is 16 bytes that must not occur by chance. Ours come from the first block's
   * content: random enough, and the same events always give the same file.
   */
  #writeHeader(firstRows: Uint8Array): Uint8Array {
    const sync = createHash("sha256").update(firstRows).digest().subarray(0, SYNC_BYTES);
    const out = this.#out;
    out.writeAscii("Obj\x01");
    const metadata = [["avro.schema", AVRO_SCHEMA], ["avro.codec", this.#codecName]] as const;
    writeZigZag(metadata.length, out);
    for (const [key, value] of metadata) {
      writeZigZag(key.length, out);
      out.writeAscii(key);
      writeZigZag(value.length, out);
      out.writeAscii(value);
    }
    writeZigZag(0, out);
    out.writeBytes(sync, 0, sync.length);
    return sync;
  }
}

function writeBigEndian32(value: number, out: ByteSink): void {
  for (let shift = 24; shift >= 0; shift -= 8) out.writeByte((value >>> shift) & 0xff);
}
