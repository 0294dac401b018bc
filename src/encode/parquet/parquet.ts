import type { SchemaElement } from "hyparquet-writer";
import { ByteSink } from "../../bson/byte_sink.ts";
import { DOCUMENT } from "../../bson/element_type.ts";
import type { EventSpans } from "../../bson/event/event_spans.ts";
import type { SnapshotEvent } from "../../bson/event/snapshot_event.ts";
import { writeValueJson } from "../../bson/json/to_json.ts";
import { writeText } from "../../bson/utf8.ts";
import type { JsonMode, RowEncoding } from "../../model/settings.ts";
import { ENCODER_VERSION } from "../../model/columns.ts";
import { DOCUMENT_COLUMNS, isNullDocument, writeDocumentColumn } from "../document_column.ts";
import type { ObjectWriter } from "../object_writer.ts";
import type { ParquetCodec, RowGroup } from "./parquet_chunk.ts";
import { parquetCodec } from "./parquet_codec.ts";
import { PlainColumn } from "./parquet_column.ts";
import { DictionaryColumn } from "./parquet_dictionary.ts";
import { PARQUET_COLUMNS } from "./parquet_schema.ts";
import type { Scratch } from "../scratch.ts";
import { writeFooter } from "./write_footer.ts";

/** Readers give a row group to a thread and hold much of it: an object is one up to here. */
const ROW_GROUP_ROWS_MAX = 1_000_000;
const ROW_GROUP_TEXT_BYTES_MAX = 128 * 1024 * 1024;
/** What the footer of an object of one row group hardly ever is larger than. */
const FOOTER_BYTES = 16 * 1024;
const MAGIC = "PAR1";

/** Begins a Parquet object (parquet-format 2.x, pages of version 2, compressed inside). */
export async function openParquet(encoding: RowEncoding, scratch: Scratch): Promise<ObjectWriter> {
  return new ParquetObjectWriter(await parquetCodec(encoding), encoding, scratch);
}

class ParquetObjectWriter implements ObjectWriter {
  readonly #mode: JsonMode;
  readonly #version: number;
  readonly #out: ByteSink;
  readonly #columns: ReturnType<typeof openColumns>;
  readonly #rowGroups: RowGroup[] = [];
  readonly #plain: readonly PlainColumn[];
  readonly #documents: readonly PlainColumn[];
  /** Of whose documents the last rows are, and how many of them wait for the columns that they have in common. */
  #event: SnapshotEvent | undefined;
  #eventRows = 0;
  #rows = 0;
  #groupRows = 0;
  #groupTextBytes = 0;

  constructor(codec: ParquetCodec, encoding: RowEncoding, scratch: Scratch) {
    this.#mode = encoding.jsonMode;
    this.#version = encoding.encoderVersion ?? ENCODER_VERSION;
    this.#columns = openColumns(codec, scratch);
    this.#documents = DOCUMENT_COLUMNS.map((name) => this.#columns[name]);
    this.#plain = Object.values(this.#columns).filter((column) => column instanceof PlainColumn);
    // Not kept for the next object: it goes away with its bytes.
    this.#out = new ByteSink(0);
    this.#out.writeAscii(MAGIC);
  }

  add(bytes: Uint8Array, spans: EventSpans): void {
    this.#endEvent();
    const columns = this.#columns;
    this.#addDocuments(bytes, spans);
    columns.operation.addText(bytes, spans.operationStart, spans.operationEnd);
    columns.database.addText(bytes, spans.databaseStart, spans.databaseEnd);
    if (spans.collectionStart < 0) columns.collection.addNull();
    else columns.collection.addText(bytes, spans.collectionStart, spans.collectionEnd);
    columns.clusterTime.addInt64(spans.clusterSeconds * 1000);
    columns.clusterIncrement.addInt32(spans.clusterIncrement);
    if (Number.isNaN(spans.wallTimeMs)) columns.wallTime.addNull();
    else columns.wallTime.addInt64(spans.wallTimeMs);
    writeText(bytes, spans.tokenStart, spans.tokenEnd, columns.resumeToken.beginText());
    columns.resumeToken.endText();
    this.#endRow();
  }

  addDocument(event: SnapshotEvent, documents: Uint8Array, start: number): void {
    const { documentKey, fullDocument, resumeToken } = this.#columns;
    const { spans } = event;
    try {
      writeDocumentColumn(event.bytes, spans, "documentKey", documentKey.beginText(), this.#mode);
      writeValueJson(documents, DOCUMENT, start, fullDocument.beginText(), this.#mode);
    } catch (error) {
      documentKey.dropText();
      fullDocument.dropText();
      throw error;
    }
    this.#groupTextBytes += documentKey.endText() + fullDocument.endText();
    resumeToken.addText(event.sink, spans.tokenStart, spans.tokenEnd);
    documentKey.endRow();
    fullDocument.endRow();
    resumeToken.endRow();
    if (event !== this.#event) this.#endEvent();
    this.#event = event;
    this.#eventRows++;
    this.#countRow();
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.#groupRows > 0) this.#endGroup();
    const createdBy = `tributary version ${this.#version}`;
    writeFooter(this.#out, { createdBy, rows: this.#rows, rowGroups: this.#rowGroups });
    this.#out.writeAscii(MAGIC);
    return this.#out.release();
  }

  /** All four or none: they alone can turn out to be malformed. */
  #addDocuments(bytes: Uint8Array, spans: EventSpans): void {
    const documents = this.#documents;
    try {
      for (let i = 0; i < documents.length; i++) {
        const field = DOCUMENT_COLUMNS[i]!;
        if (isNullDocument(spans, field)) continue;
        writeDocumentColumn(bytes, spans, field, documents[i]!.beginText(), this.#mode);
      }
    } catch (error) {
      for (const column of documents) column.dropText();
      throw error;
    }
    for (let i = 0; i < documents.length; i++) this.#groupTextBytes += documents[i]!.endText();
  }

  #endRow(): void {
    for (let i = 0; i < this.#plain.length; i++) this.#plain[i]!.endRow();
    this.#countRow();
  }

  /** The columns that are the same in all rows of the documents so far. */
  #endEvent(): void {
    if (this.#event === undefined) return;
    const { bytes, spans } = this.#event;
    const rows = this.#eventRows;
    const columns = this.#columns;
    columns.operation.addTexts(bytes, spans.operationStart, spans.operationEnd, rows);
    columns.database.addTexts(bytes, spans.databaseStart, spans.databaseEnd, rows);
    columns.collection.addTexts(bytes, spans.collectionStart, spans.collectionEnd, rows);
    columns.clusterTime.addInt64Rows(spans.clusterSeconds * 1000, rows);
    columns.clusterIncrement.addInt32Rows(spans.clusterIncrement, rows);
    columns.wallTime.addNulls(rows);
    columns.fullDocumentBeforeChange.addNulls(rows);
    columns.updateDescription.addNulls(rows);
    this.#event = undefined;
    this.#eventRows = 0;
  }

  #countRow(): void {
    this.#groupRows++;
    if (this.#groupRows >= ROW_GROUP_ROWS_MAX || this.#groupTextBytes >= ROW_GROUP_TEXT_BYTES_MAX) {
      this.#endGroup();
    }
  }

  #endGroup(): void {
    this.#endEvent();
    const start = this.#out.length;
    // The object's keys are in column order.
    const all = Object.values(this.#columns);
    const bytes = all.reduce((sum, column) => sum + column.endPages(), 0);
    // Exactly once: growing by doubling leaves as much behind again for the collector.
    this.#out.ensure(bytes + FOOTER_BYTES);
    const columns = all.map((column) => column.endGroup(this.#out));
    const uncompressed = columns.reduce((sum, c) => sum + c.meta_data!.total_uncompressed_size, 0n);
    this.#rowGroups.push({
      columns,
      total_byte_size: uncompressed,
      num_rows: BigInt(this.#groupRows),
      file_offset: BigInt(start),
      total_compressed_size: BigInt(this.#out.length - start),
    });
    this.#rows += this.#groupRows;
    this.#groupRows = this.#groupTextBytes = 0;
  }
}

/** The columns by the event's field, in the order of the schema. */
function openColumns(codec: ParquetCodec, scratch: Scratch) {
  const [operation, database, collection, time, increment, wall, key, full, before, update, token] =
    PARQUET_COLUMNS;
  const plain = (element: SchemaElement | undefined) => new PlainColumn(element!, codec, scratch);
  return {
    operation: new DictionaryColumn(operation!, codec, scratch),
    database: new DictionaryColumn(database!, codec, scratch),
    collection: new DictionaryColumn(collection!, codec, scratch),
    clusterTime: plain(time),
    clusterIncrement: plain(increment),
    wallTime: plain(wall),
    documentKey: plain(key),
    fullDocument: plain(full),
    fullDocumentBeforeChange: plain(before),
    updateDescription: plain(update),
    resumeToken: plain(token),
  };
}
