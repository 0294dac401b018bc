import { BINARY, DATE, DOCUMENT, INT32, NULL, STRING, TIMESTAMP } from "../element_type.ts";
import { MalformedBsonError } from "../malformed_bson_error.ts";
import { readInt32, readInt64AsNumber, readUint32 } from "../read.ts";
import { documentEnd, elementSize, hexByte, nameEnd } from "../skip.ts";

/**
 * Where the parts of a change event lie in the bytes it was read from. Made once and filled again for each event.
 *
 * A span is `[start, end)`; both are -1 where the event has no such part.
 */
export class EventSpans {
  /** After the event. */
  end = 0;
  /** The characters of the resume token's `_data`; every event has it. */
  tokenStart = -1;
  tokenEnd = -1;
  /** The payload of the token's `_typeBits`. */
  typeBitsStart = -1;
  typeBitsEnd = -1;
  /** The characters of `operationType`. */
  operationStart = -1;
  operationEnd = -1;
  /** The characters of `ns.db`. */
  databaseStart = -1;
  databaseEnd = -1;
  /** The characters of `ns.coll`. */
  collectionStart = -1;
  collectionEnd = -1;
  /** `clusterTime`: seconds since 1970, unsigned; -1 if absent. */
  clusterSeconds = -1;
  /** `clusterTime`: the ordinal in its second, unsigned; -1 if absent. */
  clusterIncrement = -1;
  /** `wallTime` in milliseconds since 1970; NaN if absent (before MongoDB 6). */
  wallTimeMs = NaN;
  /**
   * Where the values of these fields start, -1 if absent or null, and their BSON types. The server makes documents of
   * them; a user's stage can turn `fullDocument` into any other type.
   */
  documentKeyStart = -1;
  documentKeyType = DOCUMENT;
  fullDocumentStart = -1;
  fullDocumentType = DOCUMENT;
  fullDocumentBeforeChangeStart = -1;
  fullDocumentBeforeChangeType = DOCUMENT;
  updateDescriptionStart = -1;
  updateDescriptionType = DOCUMENT;
  /**
   * The same of what only operations on collections have: `to` is a rename's new name, `operationDescription` what else
   * was asked for, `nsType` what a namespace is; `collectionUUID` other events may have as well.
   */
  toStart = -1;
  toType = DOCUMENT;
  operationDescriptionStart = -1;
  operationDescriptionType = DOCUMENT;
  nsTypeStart = -1;
  nsTypeType = STRING;
  collectionUuidStart = -1;
  collectionUuidType = BINARY;
  /** `splitEvent.fragment`, from 1, and `splitEvent.of`; 0 for an event that is not split. */
  splitFragment = 0;
  splitOf = 0;
}

/**
 * Reads the header of the change event that begins at `start`, in one pass over its top-level elements and without
 * allocation. Elements may come in any order; unknown ones are skipped; of two with one name the last counts.
 *
 * @throws {MalformedBsonError} if the event's frame is broken, a part of its header has another type than MongoDB
 * gives it, or it has no resume token. `into` is then of no use. What is inside the documents is not looked at.
 */
export function readEventSpans(bytes: Uint8Array, start: number, into: EventSpans): void {
  clear(into);
  const end = documentEnd(bytes, start, bytes.length);
  into.end = end;
  const last = end - 1;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at]!;
    const name = at + 1;
    const value = nameEnd(bytes, name, last) + 1;
    const size = elementSize(bytes, type, value, last);
    readTopElement(bytes, name, value, type, size, into);
    at = value + size;
  }
  if (into.tokenStart < 0) throw new MalformedBsonError("event has no resume token", start);
}

function clear(into: EventSpans): void {
  into.tokenStart = into.tokenEnd = -1;
  into.typeBitsStart = into.typeBitsEnd = -1;
  into.operationStart = into.operationEnd = -1;
  into.databaseStart = into.databaseEnd = -1;
  into.collectionStart = into.collectionEnd = -1;
  into.clusterSeconds = into.clusterIncrement = -1;
  into.wallTimeMs = NaN;
  into.documentKeyStart = -1;
  into.fullDocumentStart = -1;
  into.fullDocumentBeforeChangeStart = -1;
  into.updateDescriptionStart = -1;
  forgetOperation(into);
  into.splitFragment = into.splitOf = 0;
}

/** Takes out what only operations on collections have. */
export function forgetOperation(spans: EventSpans): void {
  spans.toStart = spans.operationDescriptionStart = -1;
  spans.nsTypeStart = spans.collectionUuidStart = -1;
}

/** The lengths of the names decide alone but for two, so each name is compared once. */
function readTopElement(
  bytes: Uint8Array,
  name: number,
  value: number,
  type: number,
  size: number,
  into: EventSpans,
): void {
  switch (value - name - 1) {
    case 2:
      if (isName(bytes, name, NS)) readNamespace(bytes, value, type, into);
      else readOperationElement(bytes, name, value, type, into);
      break;
    case 3:
      if (isName(bytes, name, ID)) readToken(bytes, value, type, into);
      break;
    case 8:
      if (isName(bytes, name, WALL_TIME)) {
        expectType(type, DATE, value);
        into.wallTimeMs = readInt64AsNumber(bytes, value);
      }
      break;
    case 10:
      if (isName(bytes, name, SPLIT_EVENT)) readSplit(bytes, value, type, into);
      break;
    case 11:
      if (isName(bytes, name, CLUSTER_TIME)) {
        expectType(type, TIMESTAMP, value);
        into.clusterIncrement = readUint32(bytes, value);
        into.clusterSeconds = readUint32(bytes, value + 4);
      } else if (isName(bytes, name, DOCUMENT_KEY)) {
        into.documentKeyStart = type === NULL ? -1 : value;
        into.documentKeyType = type;
      }
      break;
    case 12:
      if (isName(bytes, name, FULL_DOCUMENT)) {
        into.fullDocumentStart = type === NULL ? -1 : value;
        into.fullDocumentType = type;
      }
      break;
    case 13:
      if (isName(bytes, name, OPERATION_TYPE)) {
        expectType(type, STRING, value);
        into.operationStart = value + 4;
        into.operationEnd = value + size - 1;
      }
      break;
    case 17:
      if (isName(bytes, name, UPDATE_DESCRIPTION)) {
        into.updateDescriptionStart = type === NULL ? -1 : value;
        into.updateDescriptionType = type;
      }
      break;
    case 6:
    case 14:
    case 20:
      readOperationElement(bytes, name, value, type, into);
      break;
    case 24:
      if (isName(bytes, name, FULL_DOCUMENT_BEFORE_CHANGE)) {
        into.fullDocumentBeforeChangeStart = type === NULL ? -1 : value;
        into.fullDocumentBeforeChangeType = type;
      }
      break;
  }
}

/** What only operations on collections have, but for the identifier. */
function readOperationElement(
  bytes: Uint8Array,
  name: number,
  value: number,
  type: number,
  into: EventSpans,
): void {
  const start = type === NULL ? -1 : value;
  switch (value - name - 1) {
    case 2:
      if (!isName(bytes, name, TO)) return;
      into.toStart = start;
      into.toType = type;
      break;
    case 6:
      if (!isName(bytes, name, NS_TYPE)) return;
      into.nsTypeStart = start;
      into.nsTypeType = type;
      break;
    case 14:
      if (!isName(bytes, name, COLLECTION_UUID)) return;
      into.collectionUuidStart = start;
      into.collectionUuidType = type;
      break;
    case 20:
      if (!isName(bytes, name, OPERATION_DESCRIPTION)) return;
      into.operationDescriptionStart = start;
      into.operationDescriptionType = type;
      break;
  }
}

function readToken(bytes: Uint8Array, start: number, type: number, into: EventSpans): void {
  expectType(type, DOCUMENT, start);
  const last = documentEnd(bytes, start, bytes.length) - 1;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at]!;
    const name = at + 1;
    const value = nameEnd(bytes, name, last) + 1;
    const size = elementSize(bytes, type, value, last);
    at = value + size;
    const nameBytes = value - name - 1;
    if (nameBytes === DATA.length && isName(bytes, name, DATA)) {
      expectType(type, STRING, value);
      into.tokenStart = value + 4;
      into.tokenEnd = at - 1;
    } else if (nameBytes === TYPE_BITS.length && isName(bytes, name, TYPE_BITS)) {
      expectType(type, BINARY, value);
      into.typeBitsStart = value + 5;
      into.typeBitsEnd = at;
    }
  }
}

function readNamespace(bytes: Uint8Array, start: number, type: number, into: EventSpans): void {
  expectType(type, DOCUMENT, start);
  const last = documentEnd(bytes, start, bytes.length) - 1;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at]!;
    const name = at + 1;
    const value = nameEnd(bytes, name, last) + 1;
    const size = elementSize(bytes, type, value, last);
    at = value + size;
    const nameBytes = value - name - 1;
    if (nameBytes === DB.length && isName(bytes, name, DB)) {
      expectType(type, STRING, value);
      into.databaseStart = value + 4;
      into.databaseEnd = at - 1;
    } else if (nameBytes === COLL.length && isName(bytes, name, COLL)) {
      expectType(type, STRING, value);
      into.collectionStart = value + 4;
      into.collectionEnd = at - 1;
    }
  }
}

function readSplit(bytes: Uint8Array, start: number, type: number, into: EventSpans): void {
  expectType(type, DOCUMENT, start);
  const last = documentEnd(bytes, start, bytes.length) - 1;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at]!;
    const name = at + 1;
    const value = nameEnd(bytes, name, last) + 1;
    at = value + elementSize(bytes, type, value, last);
    const nameBytes = value - name - 1;
    if (nameBytes === FRAGMENT.length && isName(bytes, name, FRAGMENT)) {
      expectType(type, INT32, value);
      into.splitFragment = readInt32(bytes, value);
    } else if (nameBytes === OF.length && isName(bytes, name, OF)) {
      expectType(type, INT32, value);
      into.splitOf = readInt32(bytes, value);
    }
  }
}

function isName(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    if (bytes[at + i] !== name[i]) return false;
  }
  return true;
}

function expectType(type: number, expected: number, at: number): void {
  if (type === expected) return;
  throw new MalformedBsonError(
    `type in the event is ${hexByte(type)}, not ${hexByte(expected)}`,
    at,
  );
}

function nameBytes(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}

const NS = nameBytes("ns");
const TO = nameBytes("to");
const NS_TYPE = nameBytes("nsType");
const COLLECTION_UUID = nameBytes("collectionUUID");
const OPERATION_DESCRIPTION = nameBytes("operationDescription");
const DB = nameBytes("db");
const COLL = nameBytes("coll");
const ID = nameBytes("_id");
const DATA = nameBytes("_data");
const TYPE_BITS = nameBytes("_typeBits");
const WALL_TIME = nameBytes("wallTime");
const SPLIT_EVENT = nameBytes("splitEvent");
const FRAGMENT = nameBytes("fragment");
const OF = nameBytes("of");
const CLUSTER_TIME = nameBytes("clusterTime");
const DOCUMENT_KEY = nameBytes("documentKey");
const FULL_DOCUMENT = nameBytes("fullDocument");
const OPERATION_TYPE = nameBytes("operationType");
const UPDATE_DESCRIPTION = nameBytes("updateDescription");
const FULL_DOCUMENT_BEFORE_CHANGE = nameBytes("fullDocumentBeforeChange");
