import type { ByteSink } from "../byte_sink.ts";
import { writeBase64, writeHex } from "./binary_text.ts";
import { decimal128Text } from "./decimal128.ts";
import * as type from "../element_type.ts";
import { ISO_DATE_MS_MAX, writeIsoDate } from "./json_date.ts";
import { writeFiniteDouble, writeInt64, writeInteger } from "./json_number.ts";
import { PLAIN, writeJsonString } from "./json_string.ts";
import { MalformedBsonError } from "../malformed_bson_error.ts";
import { readDouble, readInt32, readInt64AsNumber, readUint32 } from "../read.ts";
import { documentEnd, elementSize, fixedEnd, hexByte, nameEnd, stringEnd } from "../skip.ts";

/** How deep documents may be nested, the outermost counted. The server allows 200. */
export const NESTING_MAX = 1000;

/**
 * Writes the BSON document that begins at `start` as Extended JSON v2, straight from bytes to bytes: valid UTF-8, no
 * spaces, fields in their order, duplicates too, ill-formed UTF-8 as U+FFFD.
 *
 * Follows the specification (mongodb/specifications, "Extended JSON") where the JavaScript driver does otherwise: a
 * relaxed double always has a fraction or an exponent (`7.0`, `-0.0`), a relaxed int64 all its digits, and DBPointer
 * and undefined keep their types.
 *
 * @throws {MalformedBsonError} if the bytes are not BSON, or nested deeper than `NESTING_MAX`; `out` is then as before.
 */
export function writeDocumentJson(
  source: Uint8Array,
  start: number,
  out: ByteSink,
  mode: "relaxed" | "canonical",
): void {
  writeValueJson(source, type.DOCUMENT, start, out, mode);
}

/**
 * As `writeDocumentJson`, for a value of any type that begins at `start` (after its element's name).
 *
 * @throws {MalformedBsonError}
 */
export function writeValueJson(
  source: Uint8Array,
  valueType: number,
  start: number,
  out: ByteSink,
  mode: "relaxed" | "canonical",
): void {
  const length = out.length;
  try {
    const job = { source, out, canonical: mode === "canonical" };
    writeValue(job, valueType, start, source.length, 1);
  } catch (error) {
    out.length = length;
    throw error;
  }
}

interface Job {
  readonly source: Uint8Array;
  readonly out: ByteSink;
  readonly canonical: boolean;
}

/**
 * Writes the value that begins at `at` and must end at or before `limit`; returns where it ends. The usual types are told
 * apart once, to be measured and written in one step: a jump by type is what an element costs most.
 */
function writeValue(job: Job, valueType: number, at: number, limit: number, depth: number): number {
  const { source, out } = job;
  switch (valueType) {
    case type.DOUBLE: {
      const end = fixedEnd(at, 8, limit, valueType);
      writeDouble(job, readDouble(source, at));
      return end;
    }
    case type.STRING: {
      const end = stringEnd(source, at, limit);
      writeJsonString(source, at + 4, end - 1, out);
      return end;
    }
    case type.DOCUMENT: {
      const end = documentEnd(source, at, limit);
      writeObject(job, at, end, depth);
      return end;
    }
    case type.ARRAY: {
      const end = documentEnd(source, at, limit);
      writeArray(job, at, end, depth);
      return end;
    }
    case type.OBJECT_ID: {
      const end = fixedEnd(at, 12, limit, valueType);
      writeObjectId(source, at, out);
      return end;
    }
    case type.BOOLEAN: {
      const end = fixedEnd(at, 1, limit, valueType);
      write(isTrue(source, at) ? TRUE : FALSE, out);
      return end;
    }
    case type.DATE: {
      const end = fixedEnd(at, 8, limit, valueType);
      writeDate(job, at);
      return end;
    }
    case type.NULL:
      write(NULL, out);
      return at;
    case type.INT32: {
      const end = fixedEnd(at, 4, limit, valueType);
      writeInt32(job, readInt32(source, at));
      return end;
    }
    case type.INT64: {
      const end = fixedEnd(at, 8, limit, valueType);
      writeLong(job, at);
      return end;
    }
    default: {
      const end = at + elementSize(source, valueType, at, limit);
      writeRareValue(job, valueType, at, end, depth);
      return end;
    }
  }
}

function writeRareValue(job: Job, valueType: number, at: number, end: number, depth: number): void {
  const { source, out } = job;
  switch (valueType) {
    case type.BINARY:
      return writeBinary(source, at, end, out);
    case type.UNDEFINED:
      return write(UNDEFINED, out);
    case type.REGULAR_EXPRESSION:
      return writeRegularExpression(source, at, end, out);
    case type.DB_POINTER:
      return writeDbPointer(source, at, end, out);
    case type.CODE:
      return writeWrapped(source, at, end, out, CODE);
    case type.SYMBOL:
      return writeWrapped(source, at, end, out, SYMBOL);
    case type.CODE_WITH_SCOPE:
      return writeCodeWithScope(job, at, end, depth);
    case type.TIMESTAMP:
      return writeTimestamp(source, at, out);
    case type.DECIMAL128:
      write(NUMBER_DECIMAL, out);
      out.writeAscii(decimal128Text(source, at));
      return write(END_TEXT, out);
    case type.MIN_KEY:
      return write(MIN_KEY, out);
    case type.MAX_KEY:
      return write(MAX_KEY, out);
    default:
      throw new MalformedBsonError(`type is ${hexByte(valueType)}`, at);
  }
}

function writeObject(job: Job, start: number, end: number, depth: number): void {
  checkDepth(depth, start);
  const { source, out } = job;
  const last = end - 1;
  let separator = OPEN_BRACE;
  let at = start + 4;
  while (at < last) {
    const elementType = source[at]!;
    const value = writeName(source, at + 1, last, separator, out);
    at = writeValue(job, elementType, value, last, depth + 1);
    separator = COMMA;
  }
  if (separator === OPEN_BRACE) out.writeByte(OPEN_BRACE);
  out.writeByte(CLOSE_BRACE);
}

/** The names of an array's elements (`0`, `1`, ...) are left out and not looked at. */
function writeArray(job: Job, start: number, end: number, depth: number): void {
  checkDepth(depth, start);
  const { source, out } = job;
  const last = end - 1;
  let separator = OPEN_BRACKET;
  let at = start + 4;
  while (at < last) {
    const elementType = source[at]!;
    const value = nameEnd(source, at + 1, last) + 1;
    out.writeByte(separator);
    at = writeValue(job, elementType, value, last, depth + 1);
    separator = COMMA;
  }
  if (separator === OPEN_BRACKET) out.writeByte(OPEN_BRACKET);
  out.writeByte(CLOSE_BRACKET);
}

function checkDepth(depth: number, at: number): void {
  if (depth > NESTING_MAX) {
    throw new MalformedBsonError(`documents are nested deeper than ${NESTING_MAX}`, at);
  }
}

/**
 * Writes the separator, the name that begins at `at` and a colon; returns the offset after the name's NUL. Most names
 * need no escape, and those are copied in one loop; it ends at the document's NUL, `last`, if not before.
 */
function writeName(
  source: Uint8Array,
  at: number,
  last: number,
  separator: number,
  out: ByteSink,
): number {
  out.ensure(last - at + NAME_EXTRA_BYTES);
  const bytes = out.bytes;
  let length = out.length;
  bytes[length++] = separator;
  bytes[length++] = QUOTE;
  let end = at;
  let byte = source[end]!;
  while (PLAIN[byte] === 1) {
    bytes[length++] = byte;
    byte = source[++end]!;
  }
  if (byte === 0 && end < last) {
    bytes[length++] = QUOTE;
    bytes[length++] = COLON;
    out.length = length;
    return end + 1;
  }
  end = nameEnd(source, end, last);
  out.writeByte(separator);
  writeJsonString(source, at, end, out);
  out.writeByte(COLON);
  return end + 1;
}

function writeDouble(job: Job, value: number): void {
  const { out, canonical } = job;
  const finite = Number.isFinite(value);
  if (finite && !canonical) return writeFiniteDouble(value, false, out);
  write(NUMBER_DOUBLE, out);
  if (finite) writeFiniteDouble(value, true, out);
  else out.writeAscii(String(value));
  write(END_TEXT, out);
}

function writeInt32(job: Job, value: number): void {
  if (!job.canonical) return writeInteger(value, job.out);
  write(NUMBER_INT, job.out);
  writeInteger(value, job.out);
  write(END_TEXT, job.out);
}

function writeLong(job: Job, at: number): void {
  if (!job.canonical) return writeInt64(job.source, at, job.out);
  write(NUMBER_LONG, job.out);
  writeInt64(job.source, at, job.out);
  write(END_TEXT, job.out);
}

function writeDate(job: Job, at: number): void {
  const { source, out } = job;
  const ms = readInt64AsNumber(source, at);
  if (!job.canonical && ms >= 0 && ms <= ISO_DATE_MS_MAX) {
    write(DATE, out);
    out.writeByte(QUOTE);
    writeIsoDate(ms, out);
    return write(END_TEXT, out);
  }
  write(DATE, out);
  write(NUMBER_LONG, out);
  writeInt64(source, at, out);
  write(END_TEXT, out);
  out.writeByte(CLOSE_BRACE);
}

function writeObjectId(source: Uint8Array, at: number, out: ByteSink): void {
  write(OBJECT_ID, out);
  writeHex(source, at, at + 12, out);
  write(END_TEXT, out);
}

function isTrue(source: Uint8Array, at: number): boolean {
  const byte = source[at]!;
  if (byte > 1) throw new MalformedBsonError(`boolean is ${hexByte(byte)}`, at);
  return byte === 1;
}

/** The payload of the old subtype 2 begins with its own length once more, which is no part of the data. */
function writeBinary(source: Uint8Array, at: number, end: number, out: ByteSink): void {
  const subtype = source[at + 4]!;
  let payload = at + 5;
  if (subtype === 2) {
    payload += 4;
    if (payload > end || readInt32(source, at + 5) !== end - payload) {
      throw new MalformedBsonError("binary of subtype 2 has two different lengths", at);
    }
  }
  write(BINARY, out);
  writeBase64(source, payload, end, out);
  write(SUBTYPE, out);
  writeHex(source, at + 4, at + 5, out);
  write(END_TEXT, out);
  out.writeByte(CLOSE_BRACE);
}

function writeRegularExpression(source: Uint8Array, at: number, end: number, out: ByteSink): void {
  const patternEnd = nameEnd(source, at, end);
  write(REGULAR_EXPRESSION, out);
  writeJsonString(source, at, patternEnd, out);
  write(OPTIONS, out);
  // The specification wants them in alphabetical order.
  const options = source.slice(patternEnd + 1, end - 1).sort();
  writeJsonString(options, 0, options.length, out);
  out.writeByte(CLOSE_BRACE);
  out.writeByte(CLOSE_BRACE);
}

function writeDbPointer(source: Uint8Array, at: number, end: number, out: ByteSink): void {
  write(DB_POINTER, out);
  writeJsonString(source, at + 4, end - 13, out);
  write(ID, out);
  writeObjectId(source, end - 12, out);
  out.writeByte(CLOSE_BRACE);
  out.writeByte(CLOSE_BRACE);
}

function writeCodeWithScope(job: Job, at: number, end: number, depth: number): void {
  const { source, out } = job;
  const scope = stringEnd(source, at + 4, end);
  write(CODE, out);
  writeJsonString(source, at + 8, scope - 1, out);
  write(SCOPE, out);
  writeObject(job, scope, documentEnd(source, scope, end), depth);
  out.writeByte(CLOSE_BRACE);
}

function writeTimestamp(source: Uint8Array, at: number, out: ByteSink): void {
  write(TIMESTAMP, out);
  writeInteger(readUint32(source, at + 4), out);
  write(INCREMENT, out);
  writeInteger(readUint32(source, at), out);
  out.writeByte(CLOSE_BRACE);
  out.writeByte(CLOSE_BRACE);
}

/** Writes a string value in an object of one field, which `head` opens. */
function writeWrapped(
  source: Uint8Array,
  at: number,
  end: number,
  out: ByteSink,
  head: Uint8Array,
): void {
  write(head, out);
  writeJsonString(source, at + 4, end - 1, out);
  out.writeByte(CLOSE_BRACE);
}

function write(text: Uint8Array, out: ByteSink): void {
  out.writeBytes(text, 0, text.length);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Separator, two quotes, colon. */
const NAME_EXTRA_BYTES = 4;

const TRUE = ascii("true");
const FALSE = ascii("false");
const NULL = ascii("null");
const UNDEFINED = ascii('{"$undefined":true}');
const MIN_KEY = ascii('{"$minKey":1}');
const MAX_KEY = ascii('{"$maxKey":1}');
const NUMBER_INT = ascii('{"$numberInt":"');
const NUMBER_LONG = ascii('{"$numberLong":"');
const NUMBER_DOUBLE = ascii('{"$numberDouble":"');
const NUMBER_DECIMAL = ascii('{"$numberDecimal":"');
const END_TEXT = ascii('"}');
const OBJECT_ID = ascii('{"$oid":"');
const DATE = ascii('{"$date":');
const BINARY = ascii('{"$binary":{"base64":"');
const SUBTYPE = ascii('","subType":"');
const REGULAR_EXPRESSION = ascii('{"$regularExpression":{"pattern":');
const OPTIONS = ascii(',"options":');
const DB_POINTER = ascii('{"$dbPointer":{"$ref":');
const ID = ascii(',"$id":');
const CODE = ascii('{"$code":');
const SCOPE = ascii(',"$scope":');
const SYMBOL = ascii('{"$symbol":');
const TIMESTAMP = ascii('{"$timestamp":{"t":');
const INCREMENT = ascii(',"i":');
