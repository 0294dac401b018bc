import type { ClusterTime } from "../../model/cluster_time.ts";
import { rowToken } from "../../model/snapshot.ts";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";
import { DOCUMENT, STRING, TIMESTAMP } from "../element_type.ts";
import { elementSize } from "../skip.ts";
import { findId } from "./id_bound.ts";

const ROW_DIGITS = 12;
/** Behind the document's length: the type and name of `_id`, the token's length, `_data`'s head and its text's length. */
const TOKEN_AT = 4 + 5 + 4 + 7 + 4;
const TOKEN_DIGITS = 44;
const TAIL = new TextEncoder().encode("\x03fullDocument\0");
const NINE = 57, ZERO = 48, A = 65, F = 70;

/** Makes events of documents that were read at one time: as an insert has them, but for the operation and the token. */
export class SnapshotEvents {
  readonly #head: Uint8Array;
  #idStart = 0;
  #idEnd = 0;

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
    const count = starts.length;
    const idStarts = new Uint32Array(count);
    const idEnds = new Uint32Array(count);
    const headBytes = this.#head.length;
    const fixed = headBytes + 1 + TAIL.length + 1;
    let size = count * fixed;
    for (let i = 0; i < count; i++) {
      const start = starts[i]!;
      const length = view.getInt32(start, true);
      this.#findId(documents, start, start + length);
      idStarts[i] = this.#idStart;
      idEnds[i] = this.#idEnd;
      size += this.#idEnd - this.#idStart + length;
    }
    const out = new Uint8Array(size);
    const lengths = new DataView(out.buffer);
    const moved = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const start = starts[i]!;
      const length = view.getInt32(start, true);
      moved[i] = at;
      out.set(this.#head, at);
      let to = at + headBytes;
      const idEnd = idEnds[i]!;
      lengths.setInt32(to - 4, idEnd - idStarts[i]! + 5, true);
      // Short copies: a view of the bytes would cost more than they do.
      for (let from = idStarts[i]!; from < idEnd; from++) out[to++] = documents[from]!;
      to++;
      for (let j = 0; j < TAIL.length; j++) out[to++] = TAIL[j]!;
      out.set(documents.subarray(start, start + length), to);
      to += length + 1;
      lengths.setInt32(at, to - at, true);
      at = to;
      this.#count();
    }
    return { bytes: out, starts: moved };
  }

  /** As `findId`, without an object where `_id` comes first. */
  #findId(documents: Uint8Array, start: number, end: number): void {
    const name = start + 5;
    const isFirst = documents[name] === 95 && documents[name + 1] === 105 &&
      documents[name + 2] === 100 && documents[name + 3] === 0;
    const id = isFirst ? undefined : findId(documents, start);
    this.#idStart = id?.start ?? start + 4;
    this.#idEnd = id?.end ??
      name + 4 + elementSize(documents, documents[start + 4]!, name + 4, end - 1);
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
