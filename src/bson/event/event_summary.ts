import { ByteSink } from "../byte_sink.ts";
import { EventSpans, readEventSpans } from "./event_spans.ts";
import { MalformedBsonError } from "../malformed_bson_error.ts";
import { writeDocumentJson } from "../json/to_json.ts";
import { DOCUMENT } from "../element_type.ts";

/** What an event is about, for people; what cannot be read is absent. */
export interface EventSummary {
  readonly operation?: string;
  readonly database?: string;
  readonly collection?: string;
  /** Seconds since 1970. */
  readonly clusterSeconds?: number;
  /** Relaxed Extended JSON. */
  readonly documentKey?: string;
}

/** Reads one event, which may be damaged. */
export function eventSummary(event: Uint8Array): EventSummary {
  const spans = new EventSpans();
  try {
    readEventSpans(event, 0, spans);
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    // What was read before the damage is as good as ever.
  }
  const text = (start: number, end: number) =>
    start < 0 ? undefined : new TextDecoder().decode(event.subarray(start, end));
  const operation = text(spans.operationStart, spans.operationEnd);
  const database = text(spans.databaseStart, spans.databaseEnd);
  const collection = text(spans.collectionStart, spans.collectionEnd);
  const documentKey = keyOf(event, spans);
  return {
    ...(operation === undefined ? {} : { operation }),
    ...(database === undefined ? {} : { database }),
    ...(collection === undefined ? {} : { collection }),
    ...(spans.clusterSeconds < 0 ? {} : { clusterSeconds: spans.clusterSeconds }),
    ...(documentKey === undefined ? {} : { documentKey }),
  };
}

/** `update of shop.orders {"_id":1}`. */
export function summaryText(summary: EventSummary): string {
  const { operation = "event", database, collection, documentKey } = summary;
  const names = [database, collection].filter((name) => name !== undefined);
  const of = names.length === 0 ? "" : ` of ${names.join(".")}`;
  return `${operation}${of}${documentKey === undefined ? "" : ` ${documentKey}`}`;
}

function keyOf(event: Uint8Array, spans: EventSpans): string | undefined {
  if (spans.documentKeyStart < 0 || spans.documentKeyType !== DOCUMENT) return undefined;
  const out = new ByteSink(64);
  try {
    writeDocumentJson(event, spans.documentKeyStart, out, "relaxed");
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    return undefined;
  }
  return new TextDecoder().decode(out.take());
}
