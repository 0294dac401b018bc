import * as zlib from "node:zlib";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";

/**
 * A function that makes one zstd frame at this level.
 *
 * Native where `node:zlib` has it (not yet in Deno 2.4), else the WebAssembly build of the same C library, which lies inside its JavaScript and so needs neither a file nor the
 * network. Both write frames with the content's size.
 */
export async function loadZstd(
  level: number,
  native: ZstdCompressSync | null = nativeZstd(),
): Promise<(bytes: Uint8Array) => Uint8Array> {
  if (native !== null) {
    const params = { [ZSTD_C_COMPRESSION_LEVEL]: level };
    return (bytes) =>
      native(bytes, {
        params,
        pledgedSrcSize: bytes.length,
        chunkSize: chunkSizeFor(bytes.length),
      });
  }
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const zstd = await Zstd.load();
  return (bytes) => zstd.compress(bytes, level);
}

export type ZstdCompressSync = (
  bytes: Uint8Array,
  options: {
    readonly params: Readonly<Record<number, number>>;
    /** Makes the frame say how long its content is; some readers refuse frames that do not. */
    readonly pledgedSrcSize: number;
    readonly chunkSize: number;
  },
) => Uint8Array;

/** `ZSTD_c_compressionLevel` of zstd.h; the constants of `node:zlib` lack it where zstd is missing. */
export const ZSTD_C_COMPRESSION_LEVEL = 100;

/** The native function of this runtime, null where it has none. */
export function nativeZstd(): ZstdCompressSync | null {
  return (zlib as { zstdCompressSync?: ZstdCompressSync }).zstdCompressSync ?? null;
}

/** An output buffer that takes the usual result at once: JSON becomes a fourth or less. */
function chunkSizeFor(inputBytes: number): number {
  return Math.max(4096, inputBytes >> 2);
}

const MAGIC_BYTES = 4;
/** Bits of the frame header descriptor: the content's size in four bytes, a single segment, a dictionary. */
const SIZE_IN_4_BYTES = 0x80;
const SIZE_OR_SEGMENT_OR_DICTIONARY = 0xe3;
const WINDOW_BYTES = 1;
const SIZE_BYTES = 4;

/**
 * The frame that lies in these parts, with a header that says how long its content is. The library writes that only if
 * it is told before the first byte, and then nothing else differs (RFC 8878, 3.1.1.1).
 */
export function withContentSize(
  frame: readonly Uint8Array[],
  contentBytes: number,
): Uint8Array<ArrayBuffer> {
  const all = concatBytes([new Uint8Array(SIZE_BYTES), ...frame]);
  const descriptor = all[SIZE_BYTES + MAGIC_BYTES]!;
  if ((descriptor & SIZE_OR_SEGMENT_OR_DICTIONARY) !== 0 || contentBytes >= 2 ** 32) {
    throw new Error(
      `Cannot say in a zstd frame with descriptor ${descriptor} that it has ${contentBytes} bytes`,
    );
  }
  const headerBytes = MAGIC_BYTES + 1 + WINDOW_BYTES;
  all.copyWithin(0, SIZE_BYTES, SIZE_BYTES + headerBytes);
  all[MAGIC_BYTES] = descriptor | SIZE_IN_4_BYTES;
  new DataView(all.buffer).setUint32(headerBytes, contentBytes, true);
  return all;
}
