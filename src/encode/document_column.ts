import type { ByteSink } from "../bson/byte_sink.ts";
import type { EventSpans } from "../bson/event/event_spans.ts";
import { writeValueJson } from "../bson/json/to_json.ts";
import type { JsonMode } from "../model/settings.ts";

/** The columns that hold Extended JSON, by the event's field they come from, in column order. */
export const DOCUMENT_COLUMNS = [
  "documentKey",
  "fullDocument",
  "fullDocumentBeforeChange",
  "updateDescription",
] as const;

export type DocumentColumn = (typeof DOCUMENT_COLUMNS)[number];

/** Whether the event has nothing for the column. */
export function isNullDocument(spans: EventSpans, column: DocumentColumn): boolean {
  if (documentStart(spans, column) >= 0) return false;
  return column !== "updateDescription" || !describesOperation(spans);
}

/**
 * Writes the column's JSON; the event must have it.
 *
 * Mostly a document; a user's stage can make any other type of `fullDocument`.
 *
 * @throws {MalformedBsonError}
 */
export function writeDocumentColumn(
  bytes: Uint8Array,
  spans: EventSpans,
  column: DocumentColumn,
  out: ByteSink,
  mode: JsonMode,
): void {
  const start = documentStart(spans, column);
  if (start >= 0) writeValueJson(bytes, documentType(spans, column), start, out, mode);
  else writeOperation(bytes, spans, out, mode);
}

/**
 * Whether the event is one of a collection as a whole and says more of it than its name. An identifier alone is no reason:
 * where events have it, all of them have. And a user's stage may give events of documents what fields it likes.
 */
function describesOperation(spans: EventSpans): boolean {
  if (spans.documentKeyStart >= 0 || spans.fullDocumentStart >= 0) return false;
  return spans.toStart >= 0 || spans.operationDescriptionStart >= 0 || spans.nsTypeStart >= 0;
}

/** An object of the event's own fields, under the names that MongoDB gives them. */
function writeOperation(
  bytes: Uint8Array,
  spans: EventSpans,
  out: ByteSink,
  mode: JsonMode,
): void {
  let before = "{";
  const write = (name: string, type: number, start: number) => {
    if (start < 0) return;
    out.writeAscii(`${before}"${name}":`);
    writeValueJson(bytes, type, start, out, mode);
    before = ",";
  };
  write("to", spans.toType, spans.toStart);
  const { operationDescriptionType, operationDescriptionStart } = spans;
  write("operationDescription", operationDescriptionType, operationDescriptionStart);
  write("nsType", spans.nsTypeType, spans.nsTypeStart);
  write("collectionUUID", spans.collectionUuidType, spans.collectionUuidStart);
  out.writeAscii("}");
}

/** A switch, because a computed property name costs more than the rest of a null column. */
function documentStart(spans: EventSpans, column: DocumentColumn): number {
  switch (column) {
    case "documentKey":
      return spans.documentKeyStart;
    case "fullDocument":
      return spans.fullDocumentStart;
    case "fullDocumentBeforeChange":
      return spans.fullDocumentBeforeChangeStart;
    case "updateDescription":
      return spans.updateDescriptionStart;
  }
}

function documentType(spans: EventSpans, column: DocumentColumn): number {
  switch (column) {
    case "documentKey":
      return spans.documentKeyType;
    case "fullDocument":
      return spans.fullDocumentType;
    case "fullDocumentBeforeChange":
      return spans.fullDocumentBeforeChangeType;
    case "updateDescription":
      return spans.updateDescriptionType;
  }
}
