import type { ByteRange } from "../pipeline/ports.ts";

/**
 * The part `[start, end)` of `size` bytes that a range means, cut to what is there.
 *
 * @throws {RangeError} if the range counts from the end and names an end too, or is not made of whole numbers.
 */
export function resolveByteRange(
  range: ByteRange | undefined,
  size: number,
): { readonly start: number; readonly end: number } {
  if (range === undefined) return { start: 0, end: size };
  assertByteRange(range);
  const start = range.start < 0 ? Math.max(0, size + range.start) : Math.min(range.start, size);
  return { start, end: Math.max(start, Math.min(range.end ?? size, size)) };
}

/** The value of HTTP's `Range` header (RFC 9110, 14.1.2); undefined where it could only name no bytes. */
export function byteRangeHeader(range: ByteRange): string | undefined {
  assertByteRange(range);
  if (range.start < 0) return `bytes=${range.start}`;
  if (range.end === undefined) return `bytes=${range.start}-`;
  return range.end > range.start ? `bytes=${range.start}-${range.end - 1}` : undefined;
}

function assertByteRange(range: ByteRange): void {
  const { start, end } = range;
  const whole = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end));
  if (!whole || (end !== undefined && (start < 0 || end < 0))) {
    throw new RangeError(`Cannot read the byte range [${start}, ${end})`);
  }
}
