import type { ByteSink } from "../byte_sink.ts";
import { readInt32, readInt64 } from "../read.ts";

/** Writes an integer of at most 2^53 - 1 in absolute value in decimal digits. */
export function writeInteger(value: number, out: ByteSink): void {
  out.ensure(INTEGER_BYTES_MAX);
  if (value < 0) {
    out.bytes[out.length++] = MINUS;
    value = -value;
  }
  if (value <= 0x7fffffff) return writeDigits(value, out);
  const high = Math.floor(value / 1e9);
  if (high <= 0x7fffffff) writeDigits(high, out);
  writePadded(value - high * 1e9, 9, out);
}

/** Writes the 64-bit integer at `at` with all its digits. */
export function writeInt64(source: Uint8Array, at: number, out: ByteSink): void {
  const low = readInt32(source, at);
  const high = readInt32(source, at + 4);
  // Between -2^52 and 2^52: exact as a number.
  if (high >= -0x100000 && high < 0x100000) {
    writeInteger(high * 0x100000000 + (low >>> 0), out);
  } else {
    out.writeAscii(readInt64(source, at).toString());
  }
}

/**
 * Writes a finite double as a JSON number that has a fraction or an exponent, by which readers know a double
 * (Extended JSON v2, "non-integer"): `7.0`, `-0.0`, `0.1`, `1e+21`. The digits are the fewest that give the same double
 * back; with `exactIntegers`, those below 1e21 in full.
 */
export function writeFiniteDouble(
  value: number,
  exactIntegers: boolean,
  out: ByteSink,
): void {
  const integer = value | 0;
  if (integer === value) {
    out.ensure(INTEGER_BYTES_MAX + 2);
    if (value === 0 && 1 / value < 0) out.bytes[out.length++] = MINUS;
    writeInteger(integer, out);
    out.bytes[out.length++] = POINT;
    out.bytes[out.length++] = ZERO;
    return;
  }
  if (writeFewDecimals(value, out)) return;
  if (Number.isInteger(value) && Math.abs(value) < 1e21) {
    out.writeAscii(exactIntegers ? value.toFixed(1) : String(value) + ".0");
  } else {
    out.writeAscii(String(value));
  }
}

/**
 * Writes a double of at most four decimals and below 2^31, as most prices and amounts are, without making a string.
 * Decimals of at most 15 digits are so far apart that each has a double of its own; where `scaled / 10000`, rounded
 * correctly as division is, gives the value back, these digits are therefore the only such, and the shortest.
 */
function writeFewDecimals(value: number, out: ByteSink): boolean {
  const absolute = Math.abs(value);
  const scaled = Math.round(absolute * 10_000);
  if (absolute > 0x7fffffff || scaled / 10_000 !== absolute) return false;
  out.ensure(INTEGER_BYTES_MAX + 5);
  if (value < 0) out.bytes[out.length++] = MINUS;
  const whole = absolute | 0;
  writeDigits(whole, out);
  out.bytes[out.length++] = POINT;
  writePadded(scaled - whole * 10_000, 4, out);
  while (out.bytes[out.length - 1] === ZERO) out.length--;
  return true;
}

/** Writes an integer from 0 to 2^31 - 1; there must be room. */
function writeDigits(value: number, out: ByteSink): void {
  let digits = 1;
  for (let bound = 10; digits < 10 && value >= bound; bound *= 10) digits++;
  writePadded(value, digits, out);
}

/** Writes the last `digits` decimal digits of an integer from 0 to 2^31 - 1, with zeros in front; there must be room. */
function writePadded(value: number, digits: number, out: ByteSink): void {
  const bytes = out.bytes;
  let rest = value | 0;
  for (let at = out.length + digits - 1; at >= out.length; at--) {
    const next = (rest / 10) | 0;
    bytes[at] = ZERO + rest - next * 10;
    rest = next;
  }
  out.length += digits;
}

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** `-9007199254740991`, and some. */
const INTEGER_BYTES_MAX = 24;
