import { concatBytes } from "../../support/bytes/concat_bytes.ts";

const STRING = 0x02;
const DOCUMENT = 0x03;

/**
 * A copy of a change event that has no `ns` (an invalidate), with `ns: { db, coll }` as its last field.
 *
 * @param event one BSON document
 * @param collection null leaves `coll` out
 */
export function withNamespace(
  event: Uint8Array,
  database: string,
  collection: string | null,
): Uint8Array<ArrayBuffer> {
  const fields = [stringElement("db", database)];
  if (collection !== null) fields.push(stringElement("coll", collection));
  const namespace = concatBytes([elementHead(DOCUMENT, "ns"), documentOf(fields)]);
  // All of the event but its closing zero, then the new field.
  const body = event.subarray(4, event.length - 1);
  return documentOf([body, namespace]);
}

function stringElement(name: string, value: string): Uint8Array {
  const text = new TextEncoder().encode(value);
  const element = concatBytes([
    elementHead(STRING, name),
    new Uint8Array(4),
    text,
    new Uint8Array(1),
  ]);
  const lengthAt = element.length - text.length - 5;
  new DataView(element.buffer).setInt32(lengthAt, text.length + 1, true);
  return element;
}

function elementHead(type: number, name: string): Uint8Array {
  return new Uint8Array([type, ...new TextEncoder().encode(name), 0]);
}

function documentOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const document = concatBytes([new Uint8Array(4), ...parts, new Uint8Array(1)]);
  new DataView(document.buffer).setInt32(0, document.length, true);
  return document;
}
