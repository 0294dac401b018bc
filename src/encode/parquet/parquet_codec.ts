import type { Compression } from "../../model/format.ts";
import type { Encoding } from "../../model/settings.ts";
import { loadCompress } from "../compress/compress.ts";
import { rememberBlocks } from "../compress/known_blocks.ts";
import type { ParquetCodec } from "./parquet_chunk.ts";

const NAMES: Readonly<Record<Compression, ParquetCodec["name"]>> = {
  none: "UNCOMPRESSED",
  gzip: "GZIP",
  zstd: "ZSTD",
  snappy: "SNAPPY",
};

/** Of this thread, by compression and level: there are as many as pipelines have settings, one. */
const opened = new Map<string, Promise<ParquetCodec>>();

/** What pages are compressed with; the same for all objects, because it remembers small pages. */
export function parquetCodec({ compression, compressionLevel }: Encoding): Promise<ParquetCodec> {
  const key = `${compression} ${compressionLevel ?? ""}`;
  let codec = opened.get(key);
  if (codec === undefined) {
    const name = NAMES[compression];
    codec = loadCompress(compression, compressionLevel).then((compress) => ({
      name,
      compress: compression === "none" ? compress : rememberBlocks(compress),
    }));
    opened.set(key, codec);
  }
  return codec;
}
