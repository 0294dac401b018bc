import assert from "node:assert/strict";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { snappyUncompress } from "hyparquet";
import { type Codec, loadCompress, ownBytes } from "../../../../src/encode/compress/compress.ts";

const INPUT = new TextEncoder().encode("the same again and ".repeat(5000));

const DECOMPRESS: Partial<Record<Codec, (bytes: Uint8Array) => Uint8Array>> = {
  "none": (bytes) => bytes,
  "gzip": (bytes) => gunzipSync(bytes),
  "deflate-raw": (bytes) => inflateRawSync(bytes),
  "snappy": (bytes) => {
    const output = new Uint8Array(INPUT.length);
    snappyUncompress(bytes, output);
    return output;
  },
};

for (const [codec, decompress] of Object.entries(DECOMPRESS)) {
  Deno.test(`loadCompress of ${codec} gives what its counterpart undoes`, async () => {
    const compressed = (await loadCompress(codec as Codec))(INPUT);
    assert.deepEqual(new Uint8Array(decompress(compressed)), INPUT);
    if (codec !== "none") assert.ok(compressed.length < INPUT.length / 4);
  });
}

Deno.test("loadCompress takes the fast level unless it is given one", async () => {
  const noise = Uint8Array.from({ length: 100_000 }, (_, i) => Math.imul(i, 2654435761) >>> 27);
  for (const codec of ["gzip", "zstd"] as const) {
    const sizeAt = async (level?: number) => (await loadCompress(codec, level))(noise).length;
    assert.equal(await sizeAt(), await sizeAt(1), codec);
    assert.notEqual(await sizeAt(), await sizeAt(9), codec);
  }
});

Deno.test("ownBytes copies a view and leaves alone what fills its buffer", () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  assert.equal(ownBytes(whole).buffer, whole.buffer);
  const part = ownBytes(whole.subarray(1, 3));
  assert.deepEqual([...part], [2, 3]);
  assert.equal(part.buffer.byteLength, 2);
});
