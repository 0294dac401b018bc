import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { loadCompress } from "../../../../src/encode/compress/compress.ts";
import { decompressed, decompressZstd } from "../../../../src/encode/compress/decompress.ts";
import { ObjectFeed } from "../../../../src/encode/compress/object_feed.ts";
import { TransientError } from "../../../../src/model/errors.ts";
import { concatBytes } from "../../../../src/support/bytes/concat_bytes.ts";

const CONTENT = new TextEncoder().encode(
  Array.from({ length: 50_000 }, (_, i) => `line ${i * 7919 % 65537}\n`).join(""),
);

Deno.test("decompressed gives the content of each compression", async () => {
  const zstd = await loadCompress("zstd");
  const files = [[undefined, CONTENT], ["gz", gzipSync(CONTENT)], ["zst", zstd(CONTENT)]] as const;
  for (const [compression, file] of files) {
    assert.deepEqual(await collect(decompressed(feedOf(file), compression)), CONTENT);
  }
});

Deno.test("decompressed fails on damage, and leaves the rest of the feed to be drained", async () => {
  const zstd = await loadCompress("zstd");
  for (const [compression, file] of [["gz", gzipSync(CONTENT)], ["zst", zstd(CONTENT)]] as const) {
    for (
      const damaged of [file.slice(0, -20), file.slice().fill(0, 5000, 6000), new Uint8Array(0)]
    ) {
      const feed = feedOf(damaged);
      await assert.rejects(collect(decompressed(feed, compression)));
      await feed.drain();
      assert.equal(feed.left, 0);
    }
  }
});

Deno.test("decompressed ends when nobody wants more", async () => {
  for await (const part of decompressed(feedOf(gzipSync(CONTENT)), "gz")) {
    assert(part.length > 0);
    break;
  }
});

Deno.test("decompressed lets pass what went wrong with reading", async () => {
  for (const compression of [undefined, "gz", "zst"] as const) {
    const feed = new ObjectFeed(() => Promise.reject(new TransientError("down")), 100);
    await assert.rejects(collect(decompressed(feed, compression)), TransientError);
  }
});

Deno.test("decompressZstd finds frames of every size of content that have lost their end", async () => {
  const zstd = await loadCompress("zstd");
  for (const size of [0, 1, 255, 256, 65_791, 65_792, 300_000]) {
    const frame = zstd(CONTENT.subarray(0, size));
    assert.equal((await decompressZstd(frame)).length, size);
    await assert.rejects(decompressZstd(frame.subarray(0, frame.length - 4)), `${size}`);
  }
});

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part.slice());
  return concatBytes(all);
}

function feedOf(bytes: Uint8Array): ObjectFeed {
  return new ObjectFeed(
    (start, end) => Promise.resolve(new Uint8Array(bytes.slice(start, end))),
    bytes.length,
  );
}
