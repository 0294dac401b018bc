/**
 * Fixed-size values at a place that the caller has checked to lie within the bytes. All are little endian, and so is
 * every machine that Deno runs on.
 */

/** The signed 32-bit integer at `at`. */
export function readInt32(source: Uint8Array, at: number): number {
  return source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
}

/** The unsigned 32-bit integer at `at`. */
export function readUint32(source: Uint8Array, at: number): number {
  return readInt32(source, at) >>> 0;
}

/** The signed 64-bit integer at `at`; beyond 2^53 the nearest number. */
export function readInt64AsNumber(source: Uint8Array, at: number): number {
  return readInt32(source, at + 4) * 0x100000000 + readUint32(source, at);
}

/** The signed 64-bit integer at `at`, exactly. */
export function readInt64(source: Uint8Array, at: number): bigint {
  WORDS[0] = readInt32(source, at);
  WORDS[1] = readInt32(source, at + 4);
  return LONGS[0]!;
}

/** The double at `at`. */
export function readDouble(source: Uint8Array, at: number): number {
  WORDS[0] = readInt32(source, at);
  WORDS[1] = readInt32(source, at + 4);
  return DOUBLES[0]!;
}

/** Reused between calls: a view of the source would be allocated for each. */
const SCRATCH = new ArrayBuffer(8);
const WORDS = new Int32Array(SCRATCH);
const LONGS = new BigInt64Array(SCRATCH);
const DOUBLES = new Float64Array(SCRATCH);
