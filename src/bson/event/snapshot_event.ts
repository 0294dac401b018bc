import type { ClusterTime } from "../../model/cluster_time.ts";
import { rowToken } from "../../model/snapshot.ts";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";
import { DOCUMENT, STRING, TIMESTAMP } from "../element_type.ts";
import { findId } from "./id_bound.ts";

const ROW_DIGITS = 12;
/** Behind the document's length: the type and name of `_id`, the token's length, `_data`'s head and its text's length. */
const TOKEN_AT = 4 + 5 + 4 + 7 + 4;
const TOKEN_DIGITS = 44;
const NINE = 57, ZERO = 48, A = 65, F = 70;

/** Makes events of documents that were read at one time: as an insert has them, but for the operation and the token. */
export class SnapshotEvents {
  readonly #head: Uint8Array;
  readonly #tail = new TextEncoder().encode("\x03fullDocument\0");

  constructor(
    namespace: { readonly database: string; readonly collection: string },
    time: ClusterTime,
    suffix: string,
    row: number,
  ) {
    const { database, collection } = namespace;
    // Without the closing zeros, and with the length of the key to come.
    this.#head = concatBytes([
      new Uint8Array(4),
      documentElement("_id", [textElement("_data", rowToken(time, suffix, row))]),
      textElement("operationType", "snapshot"),
      timestampElement("clusterTime", time),
      documentElement("ns", [textElement("db", database), textElement("coll", collection)]),
      Uint8Array.of(DOCUMENT, ...utf8("documentKey"), 0, 0, 0, 0, 0),
    ]);
  }

  /** One behind the other, in one buffer. */
  write(
    documents: Uint8Array,
    starts: Uint32Array,
  ): { bytes: Uint8Array<ArrayBuffer>; starts: Uint32Array<ArrayBuffer> } {
    const view = new DataView(documents.buffer, documents.byteOffset, documents.byteLength);
    const ids = Array.from(starts, (start) => findId(documents, start));
    const fixed = this.#head.length + 1 + this.#tail.length + 1;
    let size = 0;
    for (const [i, id] of ids.entries()) {
      size += fixed + id.end - id.start + view.getInt32(starts[i]!, true);
    }
    const out = new Uint8Array(size);
    const lengths = new DataView(out.buffer);
    const moved = new Uint32Array(starts.length);
    let at = 0;
    for (const [i, id] of ids.entries()) {
      const start = starts[i]!;
      const length = view.getInt32(start, true);
      const idBytes = id.end - id.start;
      moved[i] = at;
      out.set(this.#head, at);
      lengths.setInt32(at + this.#head.length - 4, idBytes + 5, true);
      let to = at + this.#head.length;
      out.set(documents.subarray(id.start, id.end), to);
      to += idBytes + 1;
      out.set(this.#tail, to);
      to += this.#tail.length;
      out.set(documents.subarray(start, start + length), to);
      to += length + 1;
      lengths.setInt32(at, to - at, true);
      at = to;
      this.#count();
    }
    return { bytes: out, starts: moved };
  }

  /** The number of the next row, in the token itself. */
  #count(): void {
    for (let at = TOKEN_AT + TOKEN_DIGITS - 1; at >= TOKEN_AT + TOKEN_DIGITS - ROW_DIGITS; at--) {
      const digit = this.#head[at]!;
      if (digit !== F) {
        this.#head[at] = digit === NINE ? A : digit + 1;
        return;
      }
      this.#head[at] = ZERO;
    }
  }
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
