import { deflateRawSync, gzipSync } from "node:zlib";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import type { Compression } from "../model/format.ts";
import { loadZstd } from "./zstd.ts";

/** Compresses one whole block. The answer may be a view of a larger buffer; it is nobody else's. */
export type Compress = (bytes: Uint8Array) => Uint8Array;

/** What a setting of `COMPRESSION` means: gzip is the file format for whole files and raw deflate inside Avro. */
export type Codec = Compression | "deflate-raw";

/** The fast level of each codec: one event must not cost more to compress than to read. */
export const GZIP_LEVEL_FAST = 1;
export const ZSTD_LEVEL_FAST = 1;

/**
 * The function that compresses with this codec, ready to be called; `level` is in the codec's own scale and its fast
 * level where absent. For `none` the function gives back its argument.
 *
 * zstd is native where the runtime has it, else WebAssembly, which is loaded here, once.
 */
export async function loadCompress(codec: Codec, level?: number): Promise<Compress> {
  switch (codec) {
    case "none":
      return (bytes) => bytes;
    case "gzip":
      return (bytes) => gzipSync(bytes, { level: level ?? GZIP_LEVEL_FAST });
    case "deflate-raw":
      return (bytes) => deflateRawSync(bytes, { level: level ?? GZIP_LEVEL_FAST });
    case "zstd":
      return await loadZstd(level ?? ZSTD_LEVEL_FAST);
    case "snappy":
      return snappyCompress;
  }
}

/** The same bytes alone in a buffer of exactly their size, copied only if they are not yet. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    return new Uint8Array(buffer);
  }
  return new Uint8Array(bytes);
}
