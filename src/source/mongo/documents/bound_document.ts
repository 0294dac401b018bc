import { Buffer } from "node:buffer";
import { BSON } from "mongodb";
import { ARRAY, DOCUMENT } from "../../../bson/element_type.ts";
import { elementSize, nameEnd } from "../../../bson/skip.ts";
import { concatBytes } from "../../../support/bytes/concat_bytes.ts";

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
