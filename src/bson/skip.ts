import * as type from "./element_type.ts";
import { MalformedBsonError } from "./malformed_bson_error.ts";
import { readInt32 } from "./read.ts";

/** Four bytes of length and the NUL at the end. */
const EMPTY_DOCUMENT_BYTES = 5;

/**
 * The offset after the document (or array) that begins at `start`, which must lie before `limit` as a whole and end
 * with NUL. Its elements are not looked at.
 *
 * @throws {MalformedBsonError}
 */
export function documentEnd(source: Uint8Array, start: number, limit: number): number {
  if (start < 0 || start + EMPTY_DOCUMENT_BYTES > limit || limit > source.length) {
    throw new MalformedBsonError("document is cut off", start);
  }
  const bytes = readInt32(source, start);
  if (bytes < EMPTY_DOCUMENT_BYTES || bytes > limit - start) {
    throw new MalformedBsonError(`document length is ${bytes} of ${limit - start}`, start);
  }
  if (source[start + bytes - 1] !== 0) {
    throw new MalformedBsonError("document does not end with NUL", start + bytes - 1);
  }
  return start + bytes;
}

/**
 * The offset after the string that begins with its length at `at`; its characters are from `at + 4` to one before the
 * result, where there is a NUL.
 *
 * @throws {MalformedBsonError}
 */
export function stringEnd(source: Uint8Array, at: number, limit: number): number {
  if (at + 5 > limit) throw new MalformedBsonError("string is cut off", at);
  const bytes = readInt32(source, at);
  if (bytes < 1 || bytes > limit - at - 4) {
    throw new MalformedBsonError(`string length is ${bytes} of ${limit - at - 4}`, at);
  }
  const end = at + 4 + bytes;
  if (source[end - 1] !== 0) {
    throw new MalformedBsonError("string does not end with NUL", end - 1);
  }
  return end;
}

/**
 * The offset of the NUL that ends the element name (or other C string) beginning at `at`, before `limit`.
 *
 * @throws {MalformedBsonError}
 */
export function nameEnd(source: Uint8Array, at: number, limit: number): number {
  let end = at;
  while (end < limit && source[end] !== 0) end++;
  if (end >= limit) throw new MalformedBsonError("name does not end with NUL", at);
  return end;
}

/**
 * How many bytes the value of an element takes; it begins at `at`, after the name, and must end at or before `limit`.
 * Nested documents are skipped by their length and not looked into.
 *
 * @throws {MalformedBsonError} also for a type that BSON does not have.
 */
export function elementSize(
  source: Uint8Array,
  elementType: number,
  at: number,
  limit: number,
): number {
  return fixedEnd(at, sizeUnchecked(source, elementType, at, limit), limit, elementType) - at;
}

/**
 * The offset after a value of this many bytes that begins at `at` and must end at or before `limit`.
 *
 * @throws {MalformedBsonError} with the type in it.
 */
export function fixedEnd(at: number, bytes: number, limit: number, elementType: number): number {
  if (bytes > limit - at) {
    throw new MalformedBsonError(`value of type ${hexByte(elementType)} is cut off`, at);
  }
  return at + bytes;
}

/** `0x0f`: how types are named in messages. */
export function hexByte(byte: number): string {
  return "0x" + byte.toString(16).padStart(2, "0");
}

function sizeUnchecked(
  source: Uint8Array,
  elementType: number,
  at: number,
  limit: number,
): number {
  const fixed = FIXED_BYTES[elementType]!;
  if (fixed !== VARIABLE) return fixed;
  switch (elementType) {
    case type.STRING:
    case type.CODE:
    case type.SYMBOL:
      return stringEnd(source, at, limit) - at;
    case type.DOCUMENT:
    case type.ARRAY:
      return documentEnd(source, at, limit) - at;
    case type.BINARY:
      return binaryEnd(source, at, limit) - at;
    case type.DB_POINTER:
      return stringEnd(source, at, limit) + 12 - at;
    case type.REGULAR_EXPRESSION:
      return nameEnd(source, nameEnd(source, at, limit) + 1, limit) + 1 - at;
    case type.CODE_WITH_SCOPE:
      return codeWithScopeEnd(source, at, limit) - at;
    default:
      throw new MalformedBsonError(`type is ${hexByte(elementType)}`, at);
  }
}

/**
 * The offset after the binary that begins at `at`: four bytes of length, one of subtype, the payload.
 *
 * @throws {MalformedBsonError}
 */
export function binaryEnd(source: Uint8Array, at: number, limit: number): number {
  if (at + 5 > limit) throw new MalformedBsonError("binary is cut off", at);
  const bytes = readInt32(source, at);
  if (bytes < 0 || bytes > limit - at - 5) {
    throw new MalformedBsonError(`binary length is ${bytes} of ${limit - at - 5}`, at);
  }
  return at + 5 + bytes;
}

/**
 * The offset after the code with scope that begins at `at`: four bytes of length, a string, a document, together
 * exactly that long.
 *
 * @throws {MalformedBsonError}
 */
export function codeWithScopeEnd(source: Uint8Array, at: number, limit: number): number {
  if (at + 4 > limit) throw new MalformedBsonError("code with scope is cut off", at);
  const bytes = readInt32(source, at);
  if (bytes < 14 || bytes > limit - at) {
    throw new MalformedBsonError(`code with scope length is ${bytes} of ${limit - at}`, at);
  }
  const end = at + bytes;
  const scope = stringEnd(source, at + 4, end);
  if (documentEnd(source, scope, end) !== end) {
    throw new MalformedBsonError("code with scope does not end with its scope", scope);
  }
  return end;
}

const VARIABLE = 0xff;

/** How many bytes the values of a type have, where that is always the same. */
const FIXED_BYTES = fixedBytes();

function fixedBytes(): Uint8Array {
  const table = new Uint8Array(256).fill(VARIABLE);
  for (const none of [type.UNDEFINED, type.NULL, type.MIN_KEY, type.MAX_KEY]) table[none] = 0;
  for (const eight of [type.DOUBLE, type.DATE, type.TIMESTAMP, type.INT64]) table[eight] = 8;
  table[type.BOOLEAN] = 1;
  table[type.INT32] = 4;
  table[type.OBJECT_ID] = 12;
  table[type.DECIMAL128] = 16;
  return table;
}
