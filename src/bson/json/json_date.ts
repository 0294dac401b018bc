import type { ByteSink } from "../byte_sink.ts";

/** The last millisecond of the year 9999: beyond, RFC 3339 has no form. */
export const ISO_DATE_MS_MAX = 253_402_300_799_999;

/**
 * Writes milliseconds since 1970, an integer from 0 to `ISO_DATE_MS_MAX`, as RFC 3339 in UTC, without quotes:
 * `2026-11-20T17:00:00Z`, with three decimals only where there are milliseconds.
 */
export function writeIsoDate(ms: number, out: ByteSink): void {
  out.ensure(ISO_DATE_BYTES_MAX);
  const bytes = out.bytes;
  const days = Math.floor(ms / DAY_MS);
  const time = ms - days * DAY_MS;
  const seconds = (time / 1000) | 0;
  let at = writeDay(days, bytes, out.length);
  bytes[at++] = 0x54; // T
  at = writeTwo((seconds / 3600) | 0, bytes, at);
  bytes[at++] = COLON;
  at = writeTwo(((seconds / 60) | 0) % 60, bytes, at);
  bytes[at++] = COLON;
  at = writeTwo(seconds % 60, bytes, at);
  const fraction = time - seconds * 1000;
  if (fraction !== 0) {
    bytes[at++] = 0x2e; // .
    bytes[at++] = ZERO + ((fraction / 100) | 0);
    at = writeTwo(fraction % 100, bytes, at);
  }
  bytes[at++] = 0x5a; // Z
  out.length = at;
}

/**
 * Writes the date of a day since 1970. Counts in years that begin in March, so that the leap day is the last of its
 * year, in eras of 400 years, which are all equally long (Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", `civil_from_days`).
 */
function writeDay(days: number, bytes: Uint8Array, start: number): number {
  const shifted = days + DAYS_BEFORE_1970;
  const era = (shifted / ERA_DAYS) | 0;
  const day = shifted - era * ERA_DAYS;
  const year = ((day - ((day / 1460) | 0) + ((day / 36_524) | 0) - ((day / 146_096) | 0)) / 365) |
    0;
  const dayOfYear = day - (365 * year + (year >> 2) - ((year / 100) | 0));
  const month = ((5 * dayOfYear + 2) / 153) | 0;
  const dayOfMonth = dayOfYear - (((153 * month + 2) / 5) | 0) + 1;
  const civilMonth = month < 10 ? month + 3 : month - 9;
  const civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0);
  let at = writeTwo((civilYear / 100) | 0, bytes, start);
  at = writeTwo(civilYear % 100, bytes, at);
  bytes[at++] = DASH;
  at = writeTwo(civilMonth, bytes, at);
  bytes[at++] = DASH;
  return writeTwo(dayOfMonth, bytes, at);
}

function writeTwo(value: number, bytes: Uint8Array, at: number): number {
  const tens = (value / 10) | 0;
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + value - tens * 10;
  return at + 2;
}

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;

const DAY_MS = 86_400_000;
const ERA_DAYS = 146_097;
/** From the first of March of the year 0. */
const DAYS_BEFORE_1970 = 719_468;
const ISO_DATE_BYTES_MAX = 24;
