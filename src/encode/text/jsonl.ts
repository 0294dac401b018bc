import type { ByteSink } from "../../bson/byte_sink.ts";
import type { EventSpans } from "../../bson/event/event_spans.ts";
import { writeJsonString } from "../../bson/json/json_string.ts";
import type { Encoding, JsonMode } from "../../model/settings.ts";
import { type DocumentColumn, isNullDocument, writeDocumentColumn } from "../document_column.ts";
import { IsoTimeWriter } from "./iso_time.ts";
import type { ObjectWriter } from "../object_writer.ts";
import { lineWriter, openObjectText } from "./object_text.ts";
import type { Scratch } from "../scratch.ts";

const QUOTE = 0x22;

/** Begins an object of JSON Lines: one row a line, documents as nested JSON, times as ISO 8601. */
export async function openJsonl(
  encoding: Encoding,
  scratch: Scratch,
  bytesExpected: number,
): Promise<ObjectWriter> {
  const text = await openObjectText(encoding, scratch, bytesExpected);
  const lines = new JsonlLines(text.sink, encoding.jsonMode);
  return lineWriter(text, (bytes, spans) => lines.addLine(bytes, spans));
}

class JsonlLines {
  readonly #out: ByteSink;
  readonly #mode: JsonMode;
  readonly #time = new IsoTimeWriter();

  constructor(out: ByteSink, mode: JsonMode) {
    this.#out = out;
    this.#mode = mode;
  }

  addLine(bytes: Uint8Array, spans: EventSpans): void {
    const out = this.#out;
    out.writeAscii('{"operation":');
    writeJsonString(bytes, spans.operationStart, spans.operationEnd, out);
    out.writeAscii(',"database":');
    writeJsonString(bytes, spans.databaseStart, spans.databaseEnd, out);
    out.writeAscii(',"collection":');
    if (spans.collectionStart < 0) out.writeAscii("null");
    else writeJsonString(bytes, spans.collectionStart, spans.collectionEnd, out);
    out.writeAscii(',"cluster_time":');
    this.#addTime(spans.clusterSeconds * 1000);
    out.writeAscii(',"cluster_increment":');
    out.writeAscii(String(spans.clusterIncrement));
    out.writeAscii(',"wall_time":');
    if (Number.isNaN(spans.wallTimeMs)) out.writeAscii("null");
    else this.#addTime(spans.wallTimeMs);
    this.#addDocument(',"document_key":', bytes, spans, "documentKey");
    this.#addDocument(',"full_document":', bytes, spans, "fullDocument");
    this.#addDocument(',"full_document_before_change":', bytes, spans, "fullDocumentBeforeChange");
    this.#addDocument(',"update_description":', bytes, spans, "updateDescription");
    out.writeAscii(',"resume_token":');
    writeJsonString(bytes, spans.tokenStart, spans.tokenEnd, out);
    out.writeAscii("}\n");
  }

  #addTime(timeMs: number): void {
    this.#out.writeByte(QUOTE);
    this.#time.write(timeMs, this.#out);
    this.#out.writeByte(QUOTE);
  }

  #addDocument(key: string, bytes: Uint8Array, spans: EventSpans, column: DocumentColumn): void {
    this.#out.writeAscii(key);
    if (isNullDocument(spans, column)) this.#out.writeAscii("null");
    else writeDocumentColumn(bytes, spans, column, this.#out, this.#mode);
  }
}
