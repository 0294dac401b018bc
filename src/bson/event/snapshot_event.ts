import { rowToken, type SnapshotRows } from "../../model/snapshot.ts";
import type { ClusterTime } from "../../model/cluster_time.ts";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";
import { ByteSink } from "../byte_sink.ts";
import { DOCUMENT, STRING, TIMESTAMP } from "../element_type.ts";
import { MalformedBsonError } from "../malformed_bson_error.ts";
import { readInt32 } from "../read.ts";
import { elementSize } from "../skip.ts";
import { EventSpans, readEventSpans } from "./event_spans.ts";
import { findId } from "./id_bound.ts";

const ROW_DIGITS = 12;
const FULL_DOCUMENT = new TextEncoder().encode("\x03fullDocument\0");
const KEY_LENGTH_BYTES = 4;
/** What closes a document. */
const END = Uint8Array.of(0);
const EMPTY = Uint8Array.of(5, 0, 0, 0, 0);
const NINE = 57, ZERO = 48, A = 65, F = 70;
/** Room for the usual document. */
const DOCUMENT_BYTES_FIRST = 4096;

/**
 * The events of documents that were read at one time, each in its turn in the same memory: as an insert has them, but for the
 * operation and the token. What all of them have in common is written once, and where its parts lie is read once.
 */
export class SnapshotEvent {
  /** Where the parts of the event lie in `bytes`. */
  readonly spans = new EventSpans();
  readonly #out: ByteSink;
  readonly #headBytes: number;
  #isFirst = true;
  #idStart = 0;
  #idEnd = 0;

  constructor({ database, collection, time, suffix, row }: SnapshotRows) {
    // Without the closing zeros, and with the length of the key to come.
    const head = concatBytes([
      new Uint8Array(4),
      documentElement("_id", [textElement("_data", rowToken(time, suffix, row))]),
      textElement("operationType", "snapshot"),
      timestampElement("clusterTime", time),
      documentElement("ns", [textElement("db", database), textElement("coll", collection)]),
      Uint8Array.of(DOCUMENT, ...utf8("documentKey"), 0, 0, 0, 0, 0),
    ]);
    this.#headBytes = head.length;
    this.#out = new ByteSink(head.length + DOCUMENT_BYTES_FIRST);
    this.#out.writeBytes(head, 0, head.length);
    this.#writeKey(EMPTY);
    this.complete(EMPTY, 0);
    readEventSpans(this.#out.bytes, 0, this.spans);
  }

  /** The memory that the event lies in, from its beginning to `spans.end`. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#out.bytes;
  }

  /** The same memory, for who copies from it. */
  get sink(): ByteSink {
    return this.#out;
  }

  /** Makes the event of the next document, which begins at `start`. */
  make(documents: Uint8Array, start: number): void {
    this.begin(documents, start);
    this.complete(documents, start);
  }

  /** The same but for the document: that is copied by `complete`, for whom its own bytes do not do. */
  begin(documents: Uint8Array, start: number): void {
    if (!this.#isFirst) this.#count();
    this.#isFirst = false;
    this.#findId(documents, start, start + readInt32(documents, start));
    this.#writeKey(documents);
  }

  /** Writes what is behind the key of the event that was begun. */
  complete(documents: Uint8Array, start: number): void {
    const { spans } = this;
    const out = this.#out;
    out.writeBytes(FULL_DOCUMENT, 0, FULL_DOCUMENT.length);
    spans.fullDocumentStart = out.length;
    out.writeBytes(documents, start, start + readInt32(documents, start));
    out.writeBytes(END, 0, 1);
    spans.end = out.length;
    out.view.setInt32(0, out.length, true);
  }

  /** The key is the element of `_id`. */
  #writeKey(documents: Uint8Array): void {
    const out = this.#out;
    const at = this.#headBytes - KEY_LENGTH_BYTES;
    out.length = this.#headBytes;
    out.writeBytes(documents, this.#idStart, this.#idEnd);
    out.writeBytes(END, 0, 1);
    this.spans.documentKeyStart = at;
    out.view.setInt32(at, out.length - at, true);
  }

  /** As `findId`, without an object where `_id` comes first. Of a document that is broken before it, the key is empty. */
  #findId(documents: Uint8Array, start: number, end: number): void {
    const name = start + 5;
    const isFirst = documents[name] === 95 && documents[name + 1] === 105 &&
      documents[name + 2] === 100 && documents[name + 3] === 0;
    this.#idStart = this.#idEnd = start + 4;
    try {
      const id = isFirst ? undefined : findId(documents, start);
      if (id !== undefined) this.#idStart = id.start;
      this.#idEnd = id?.end ??
        name + 4 + elementSize(documents, documents[start + 4]!, name + 4, end - 1);
    } catch (error) {
      // Whoever makes a row of it meets the same.
      if (!(error instanceof MalformedBsonError)) throw error;
    }
  }

  /** The number of the next row, in the token itself. */
  #count(): void {
    const { bytes } = this.#out;
    const { tokenEnd } = this.spans;
    for (let at = tokenEnd - 1; at >= tokenEnd - ROW_DIGITS; at--) {
      const digit = bytes[at]!;
      if (digit !== F) {
        bytes[at] = digit === NINE ? A : digit + 1;
        return;
      }
      bytes[at] = ZERO;
    }
  }
}

/** The events of all these documents, one behind the other. */
export function snapshotEvents(
  documents: Uint8Array,
  starts: Uint32Array,
  rows: SnapshotRows,
): { bytes: Uint8Array<ArrayBuffer>; starts: Uint32Array<ArrayBuffer> } {
  const event = new SnapshotEvent(rows);
  const out = new ByteSink(documents.length + starts.length * event.spans.end);
  const moved = new Uint32Array(starts.length);
  for (let i = 0; i < starts.length; i++) {
    event.make(documents, starts[i]!);
    moved[i] = out.length;
    out.writeBytes(event.bytes, 0, event.spans.end);
  }
  return { bytes: out.release(), starts: moved };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function textElement(name: string, value: string): Uint8Array {
  const bytes = utf8(value);
  return Uint8Array.of(STRING, ...utf8(name), 0, ...int32(bytes.length + 1), ...bytes, 0);
}

function timestampElement(name: string, { t, i }: ClusterTime): Uint8Array {
  return Uint8Array.of(TIMESTAMP, ...utf8(name), 0, ...int32(i), ...int32(t));
}

function documentElement(name: string, elements: readonly Uint8Array[]): Uint8Array {
  const inner = concatBytes(elements);
  return Uint8Array.of(DOCUMENT, ...utf8(name), 0, ...int32(inner.length + 5), ...inner, 0);
}
