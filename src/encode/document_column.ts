import type { ByteSink } from "../bson/byte_sink.ts";
import type { EventSpans } from "../bson/event_spans.ts";
import { writeValueJson } from "../bson/to_json.ts";
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
  return documentStart(spans, column) < 0;
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
  writeValueJson(bytes, documentType(spans, column), start, out, mode);
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
