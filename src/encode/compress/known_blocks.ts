import type { Compress } from "./compress.ts";

/** Larger ones are hardly ever met twice. */
const BLOCK_BYTES_MAX = 64;
const BLOCKS_MAX = 1024;

/**
 * Compresses as `compress` does, and remembers what became of small blocks. The library takes 15 to 30 us for a block
 * whatever its size, and in a Parquet object half of them are a few bytes that are the same in the next one: names of
 * operations, databases and collections, and by which place each row names them.
 *
 * What it answers may be answered again: nobody may change it.
 */
export function rememberBlocks(compress: Compress, blocksMax: number = BLOCKS_MAX): Compress {
  const known = new Map<string, Uint8Array>();
  return (bytes) => {
    if (bytes.length > BLOCK_BYTES_MAX) return compress(bytes);
    const key = String.fromCharCode(...bytes);
    let block = known.get(key);
    if (block === undefined) {
      if (known.size >= blocksMax) known.clear();
      // A copy, for what is left of a library's buffer would be held with it.
      block = compress(bytes).slice();
      known.set(key, block);
    }
    return block;
  };
}
