import { Buffer } from "node:buffer";
import { BSON } from "mongodb";
import { ARRAY, DOCUMENT } from "../element_type.ts";
import { documentEnd, elementSize, nameEnd } from "../skip.ts";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";

/** Where the element `_id` of a document lies, its type byte included; nearly always it is the first. */
export function findId(bytes: Uint8Array, start: number): { start: number; end: number } {
  const last = documentEnd(bytes, start, bytes.length) - 1;
  for (let at = start + 4; at < last;) {
    const value = nameEnd(bytes, at + 1, last) + 1;
    const end = value + elementSize(bytes, bytes[at]!, value, last);
    if (
      value - at === 5 && bytes[at + 1] === 95 && bytes[at + 2] === 105 && bytes[at + 3] === 100
    ) {
      return { start: at, end };
    }
    at = end;
  }
  throw new TypeError("Cannot read a document without _id");
}

/** `{_id: x}` of the document in base64: where a part of a collection begins or ends. */
export function idBound(bytes: Uint8Array, start: number): string {
  const id = findId(bytes, start);
  const document = concatBytes([
    new Uint8Array(4),
    bytes.subarray(id.start, id.end),
    new Uint8Array(1),
  ]);
  new DataView(document.buffer).setInt32(0, document.length, true);
  return Buffer.from(document).toString("base64");
}

/** `{_id: x}` as the driver sends it, bit for bit: documents are maps, whose names keep their order. */
export function boundDocument(bound: string): Map<string, unknown> {
  const bytes = new Uint8Array(Buffer.from(bound, "base64"));
  return mapOf(bytes);
}

function mapOf(bytes: Uint8Array): Map<string, unknown> {
  const out = new Map<string, unknown>();
  const last = bytes.length - 1;
  for (let at = 4; at < last;) {
    const type = bytes[at]!;
    const value = nameEnd(bytes, at + 1, last) + 1;
    const end = value + elementSize(bytes, type, value, last);
    const name = new TextDecoder().decode(bytes.subarray(at + 1, value - 1));
    if (type === DOCUMENT) out.set(name, mapOf(bytes.subarray(value, end)));
    else if (type === ARRAY) out.set(name, [...mapOf(bytes.subarray(value, end)).values()]);
    else {
      const one = concatBytes([new Uint8Array(4), bytes.subarray(at, end), new Uint8Array(1)]);
      new DataView(one.buffer).setInt32(0, one.length, true);
      out.set(name, BSON.deserialize(one, { promoteValues: false, bsonRegExp: true })[name]);
    }
    at = end;
  }
  return out;
}
