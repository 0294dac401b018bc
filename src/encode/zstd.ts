import * as zlib from "node:zlib";
import type { Compress } from "./compress.ts";

/**
 * A function that makes one zstd frame at this level.
 *
 * Native where `node:zlib` has it (not yet in Deno 2.4), else the WebAssembly build of the same C library, which lies inside its JavaScript and so needs neither a file nor the
 * network. Both write frames with the content's size.
 */
export async function loadZstd(
  level: number,
  native: ZstdCompressSync | null = nativeZstd(),
): Promise<Compress> {
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
const ZSTD_C_COMPRESSION_LEVEL = 100;

/** The native function of this runtime, null where it has none. */
export function nativeZstd(): ZstdCompressSync | null {
  return (zlib as { zstdCompressSync?: ZstdCompressSync }).zstdCompressSync ?? null;
}

/** An output buffer that takes the usual result at once: JSON becomes a fourth or less. */
function chunkSizeFor(inputBytes: number): number {
  return Math.max(4096, inputBytes >> 2);
}
