import type { ByteSink } from "./byte_sink.ts";

/**
 * The length of the UTF-8 sequence that begins at `at`, a byte over 0x7f, and lies before `end`; or, negative, how many
 * bytes are together ill-formed: they are to become one U+FFFD (WHATWG Encoding Standard, "UTF-8 decoder").
 */
export function utf8SequenceLength(source: Uint8Array, at: number, end: number): number {
  const first = source[at]!;
  if (first < 0xc2 || first > 0xf4) return -1;
  if (at + 1 >= end) return -1;
  const second = source[at + 1]!;
  if (first < 0xe0) return (second & 0xc0) === 0x80 ? 2 : -1;
  if (second < smallestSecond(first) || second > largestSecond(first)) return -1;
  if (at + 2 >= end || (source[at + 2]! & 0xc0) !== 0x80) return -2;
  if (first < 0xf0) return 3;
  return at + 3 < end && (source[at + 3]! & 0xc0) === 0x80 ? 4 : -3;
}

/**
 * Writes `source[start, end)` as text, unescaped: valid UTF-8 as it is, each ill-formed sequence as U+FFFD.
 */
export function writeText(source: Uint8Array, start: number, end: number, out: ByteSink): void {
  let clean = start;
  let at = start;
  while (at < end) {
    if (source[at]! < 0x80) {
      at++;
      continue;
    }
    const length = utf8SequenceLength(source, at, end);
    if (length > 0) {
      at += length;
      continue;
    }
    out.writeBytes(source, clean, at);
    out.writeBytes(REPLACEMENT, 0, REPLACEMENT.length);
    at -= length;
    clean = at;
  }
  out.writeBytes(source, clean, end);
}

/** Longer forms of shorter sequences, and surrogates, are ill-formed: the second byte tells. */
function smallestSecond(first: number): number {
  return first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
}

function largestSecond(first: number): number {
  return first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
}

/** U+FFFD. */
const REPLACEMENT = new Uint8Array([0xef, 0xbf, 0xbd]);
