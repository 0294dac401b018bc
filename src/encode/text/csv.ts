import type { ByteSink } from "../../bson/byte_sink.ts";
import type { EventSpans } from "../../bson/event/event_spans.ts";
import { writeText } from "../../bson/utf8.ts";
import type { Encoding, JsonMode } from "../../model/settings.ts";
import { COLUMNS } from "../../model/columns.ts";
import { DOCUMENT_COLUMNS, isNullDocument, writeDocumentColumn } from "../document_column.ts";
import { IsoTimeWriter } from "./iso_time.ts";
import type { ObjectWriter } from "../object_writer.ts";
import { lineWriter, openObjectText } from "./object_text.ts";
import type { Scratch } from "../scratch.ts";

const HEADER = COLUMNS.map((column) => column.name).join(",") + "\r\n";
const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Begins an object of CSV as RFC 4180 has it: a header, CRLF, quotes doubled. Null is an empty field, an empty string
 * `""`; documents are JSON in a quoted field.
 */
export async function openCsv(
  encoding: Encoding,
  scratch: Scratch,
  bytesExpected: number,
): Promise<ObjectWriter> {
  const text = await openObjectText(encoding, scratch, bytesExpected);
  text.sink.writeAscii(HEADER);
  const lines = new CsvLines(text.sink, scratch.sink("field"), encoding.jsonMode);
  return lineWriter(text, (bytes, spans) => lines.addLine(bytes, spans));
}

class CsvLines {
  readonly #out: ByteSink;
  readonly #field: ByteSink;
  readonly #mode: JsonMode;
  readonly #time = new IsoTimeWriter();

  constructor(out: ByteSink, field: ByteSink, mode: JsonMode) {
    this.#out = out;
    this.#field = field;
    this.#mode = mode;
  }

  addLine(bytes: Uint8Array, spans: EventSpans): void {
    const out = this.#out;
    this.#addText(bytes, spans.operationStart, spans.operationEnd);
    out.writeByte(COMMA);
    this.#addText(bytes, spans.databaseStart, spans.databaseEnd);
    out.writeByte(COMMA);
    if (spans.collectionStart >= 0) {
      this.#addText(bytes, spans.collectionStart, spans.collectionEnd);
    }
    out.writeByte(COMMA);
    this.#time.write(spans.clusterSeconds * 1000, out);
    out.writeByte(COMMA);
    out.writeAscii(String(spans.clusterIncrement));
    out.writeByte(COMMA);
    if (!Number.isNaN(spans.wallTimeMs)) this.#time.write(spans.wallTimeMs, out);
    out.writeByte(COMMA);
    for (const column of DOCUMENT_COLUMNS) {
      if (!isNullDocument(spans, column)) {
        this.#field.reset();
        writeDocumentColumn(bytes, spans, column, this.#field, this.#mode);
        writeQuoted(this.#field, out);
      }
      out.writeByte(COMMA);
    }
    this.#addText(bytes, spans.tokenStart, spans.tokenEnd);
    out.writeByte(CARRIAGE_RETURN);
    out.writeByte(LINE_FEED);
  }

  #addText(bytes: Uint8Array, start: number, end: number): void {
    this.#field.reset();
    writeText(bytes, start, end, this.#field);
    if (needsQuotes(this.#field)) writeQuoted(this.#field, this.#out);
    else this.#out.writeBytes(this.#field.bytes, 0, this.#field.length);
  }
}

/** RFC 4180 asks for quotes around these characters; we also need them to tell an empty string from null. */
function needsQuotes(field: ByteSink): boolean {
  const { bytes, length } = field;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte === COMMA || byte === QUOTE || byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      return true;
    }
  }
  return length === 0;
}

function writeQuoted(field: ByteSink, out: ByteSink): void {
  const count = field.length;
  const from = field.bytes;
  out.ensure(2 * count + 2);
  const to = out.bytes;
  let at = out.length;
  to[at++] = QUOTE;
  for (let i = 0; i < count; i++) {
    const byte = from[i]!;
    to[at++] = byte;
    if (byte === QUOTE) to[at++] = QUOTE;
  }
  to[at++] = QUOTE;
  out.length = at;
}
