import { Buffer } from "node:buffer";
import { documentEnd, elementSize, nameEnd } from "../skip.ts";

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
  return boundOf(bytes[id.start]!, bytes.subarray(id.start + 5, id.end));
}

/** The same of a value. */
export function boundOf(type: number, value: Uint8Array): string {
  const document = new Uint8Array(4 + 5 + value.length + 1);
  new DataView(document.buffer).setInt32(0, document.length, true);
  document.set([type, 95, 105, 100, 0], 4);
  document.set(value, 9);
  return Buffer.from(document).toString("base64");
}
