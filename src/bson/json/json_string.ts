import type { ByteSink } from "../byte_sink.ts";
import { viewOf } from "../view_of.ts";
import { utf8SequenceLength } from "../utf8.ts";

/**
 * Writes `source[start, end)`, the UTF-8 bytes of a text, as a JSON string with its quotes.
 *
 * Escapes what JSON demands and nothing else, as `JSON.stringify` does; other valid UTF-8 passes byte by byte.
 * Ill-formed sequences become U+FFFD, so that the output is always valid.
 */
export function writeJsonString(
  source: Uint8Array,
  start: number,
  end: number,
  out: ByteSink,
): void {
  out.writeByte(QUOTE);
  let at = start;
  while (at < end) {
    const stop = at + BLOCK_BYTES < end ? at + BLOCK_BYTES : end;
    at = writeBlock(source, at, stop, end, out);
  }
  out.writeByte(QUOTE);
}

/**
 * Writes the characters that begin in `source[at, stop)`; the last may reach behind `stop`, not behind `end`. Returns
 * where the next one begins. The room for the worst case is made once, so that the loop need not ask.
 */
function writeBlock(
  source: Uint8Array,
  start: number,
  stop: number,
  end: number,
  out: ByteSink,
): number {
  out.ensure((stop - start) * WORST_BYTES_PER_BYTE);
  const { bytes, view } = out;
  const words = viewOf(source);
  let length = out.length;
  let at = start;
  while (at < stop) {
    // Four characters at once where all stand for themselves: long texts are written three times as fast.
    while (at + 4 <= stop) {
      const word = words.getInt32(at, true);
      if (!isPlainWord(word)) break;
      view.setInt32(length, word, true);
      at += 4;
      length += 4;
    }
    if (at >= stop) break;
    const byte = source[at]!;
    if (PLAIN[byte] === 1) {
      bytes[length++] = byte;
      at++;
    } else if (byte < 0x80) {
      length = writeEscape(byte, bytes, length);
      at++;
    } else {
      let rest = utf8SequenceLength(source, at, end);
      if (rest > 0) {
        for (; rest > 0; rest--) bytes[length++] = source[at++]!;
      } else {
        bytes[length++] = 0xef;
        bytes[length++] = 0xbf;
        bytes[length++] = 0xbd;
        at -= rest;
      }
    }
  }
  out.length = length;
  return at;
}

/**
 * Whether none of four bytes needs an escape or is beyond ASCII. What is below 0x20, or 0 after the comparison with a
 * quote or backslash, sets its highest bit when one subtracts; a borrow can only come from a byte that has failed itself.
 */
function isPlainWord(word: number): boolean {
  const control = word - 0x20202020;
  const quote = (word ^ 0x22222222) - 0x01010101;
  const backslash = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((word | control | quote | backslash) & 0x80808080) === 0;
}

function writeEscape(byte: number, bytes: Uint8Array, start: number): number {
  let length = start;
  bytes[length++] = BACKSLASH;
  const short = SHORT_ESCAPES[byte]!;
  if (short !== 0) {
    bytes[length++] = short;
    return length;
  }
  bytes[length++] = 0x75; // u
  bytes[length++] = 0x30;
  bytes[length++] = 0x30;
  bytes[length++] = byte < 0x10 ? 0x30 : 0x31;
  const digit = byte & 0xf;
  bytes[length++] = digit < 10 ? 0x30 + digit : 0x57 + digit;
  return length;
}

function plainTable(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(1, 0x20, 0x80);
  table[QUOTE] = 0;
  table[BACKSLASH] = 0;
  return table;
}

/** The character after the backslash, for those that have a short form. */
function shortEscapes(): Uint8Array {
  const table = new Uint8Array(128);
  const pairs = ['""', "\\\\", "\bb", "\tt", "\nn", "\ff", "\rr"];
  for (const pair of pairs) table[pair.charCodeAt(0)] = pair.charCodeAt(1);
  return table;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A control character becomes six characters; that is also room for the rest of a sequence that begins in the block. */
const WORST_BYTES_PER_BYTE = 6;

/** Long texts are written in blocks, lest the worst case of a 16 MB text be made room for. */
const BLOCK_BYTES = 4096;

/** 1 for the bytes that stand for themselves in a JSON string: ASCII but controls, quote and backslash. */
export const PLAIN: Uint8Array = plainTable();
const SHORT_ESCAPES = shortEscapes();
