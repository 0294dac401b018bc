import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { parquetCodec } from "../../../../src/encode/parquet/parquet_codec.ts";

Deno.test("parquetCodec is the same for all objects of a compression and level", async () => {
  const encoding = { format: "parquet", compression: "zstd", jsonMode: "relaxed" } as const;
  const codec = await parquetCodec(encoding);
  assert.equal(await parquetCodec({ ...encoding }), codec);
  assert.notEqual(await parquetCodec({ ...encoding, compressionLevel: 3 }), codec);
  assert.notEqual(await parquetCodec({ ...encoding, compression: "gzip" }), codec);
  assert.equal(codec.name, "ZSTD");
  const text = new Uint8Array([1, 2, 3]);
  for (const _ of [1, 2]) {
    assert.deepEqual(new Uint8Array(zstdDecompressSync(codec.compress(text))), text);
  }
});

Deno.test("parquetCodec leaves as they are what is not to be compressed", async () => {
  const codec = await parquetCodec({ format: "parquet", compression: "none", jsonMode: "relaxed" });
  const page = new Uint8Array([1, 2, 3]);
  assert.equal(codec.name, "UNCOMPRESSED");
  assert.equal(codec.compress(page), page);
});
