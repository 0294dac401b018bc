import { createHash } from "node:crypto";

/** The longest encoded name that stays as it is; a longer one becomes a prefix and a hash. */
export const ENCODED_NAME_BYTES_MAX = 100;

const HASH_HEX_DIGITS = 32;

/**
 * Encodes the name of a database or a collection as part of a key, so that two names never give the same text.
 *
 * ASCII letters, digits, `_` and `-` stay; so does `.` except in front (no hidden files, no `..`). Every other byte of
 * the UTF-8 form becomes `%XX`. A result over 100 bytes becomes its beginning, `~` (which no short form contains) and
 * 128 bits of the name's SHA-256.
 */
export function encodeName(name: string): string {
  return shorten(name, escapeBytes(name, true, "%"));
}

/** As `encodeName`, with `!` in place of `%`: for readers that take a `%` in the address of a table for another letter. */
export function encodePlainName(name: string): string {
  return shorten(name, escapeBytes(name, true, "!"));
}

/** As `encodeName`, with dots escaped too: the form inside stream keys, where a dot separates the parts. */
export function encodeNameWithoutDots(name: string): string {
  return shorten(name, escapeBytes(name, false, "%"));
}

/** The name that `encodeName` or `encodeNameWithoutDots` was given; undefined where a hash replaced a part of it. */
export function decodeName(encoded: string): string | undefined {
  if (encoded.includes("~")) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not UTF-8: not something we have encoded.
    return undefined;
  }
}

/** What stays as it is, whatever else is escaped. */
const PLAIN = /^[A-Za-z0-9_-]*$/;

function escapeBytes(name: string, keepDots: boolean, mark: string): string {
  // Nearly every name; with many streams each of them reads the keys of all.
  if (PLAIN.test(name)) return name;
  let out = "";
  for (const byte of new TextEncoder().encode(name)) {
    const char = String.fromCharCode(byte);
    const stays = PLAIN.test(char) || (char === "." && keepDots && out !== "");
    out += stays ? char : mark + byte.toString(16).toUpperCase().padStart(2, "0");
  }
  return out;
}

function shorten(name: string, encoded: string): string {
  if (encoded.length <= ENCODED_NAME_BYTES_MAX) return encoded;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_HEX_DIGITS);
  const prefix = encoded.slice(0, ENCODED_NAME_BYTES_MAX - HASH_HEX_DIGITS - 1);
  // An escape that the cut has broken says nothing; leave it out.
  return prefix.replace(/[%!][0-9A-F]?$/, "") + "~" + hash;
}
