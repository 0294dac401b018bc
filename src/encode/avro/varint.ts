import type { ByteSink } from "../../bson/byte_sink.ts";

/** Numbers up to here are exact, and so are the sums below. */
const ZIGZAG_MAX = 2 ** 52;

/**
 * Writes an integer as Avro's `int` and `long`, and Thrift's compact protocol, have it: zigzag (0, -1, 1, -2, ...
 * become 0, 1, 2, 3, ...), then seven bits a byte, the lowest first.
 *
 * @throws {RangeError} beyond 2^52: no count, length or time in milliseconds is so large.
 */
export function writeZigZag(value: number, out: ByteSink): void {
  if (!(Math.abs(value) <= ZIGZAG_MAX)) {
    throw new RangeError(`Cannot write ${value} as a variable-length integer`);
  }
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  while (rest > 0x7f) {
    out.writeByte(rest % 0x80 | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.writeByte(rest);
}
