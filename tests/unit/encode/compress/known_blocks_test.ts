import assert from "node:assert/strict";
import { rememberBlocks } from "../../../../src/encode/compress/known_blocks.ts";

/** Compresses to one byte less, and counts the calls. */
function counting() {
  const calls: number[][] = [];
  const compress = (bytes: Uint8Array) => {
    calls.push([...bytes]);
    return bytes.subarray(1);
  };
  return { calls, compress };
}

Deno.test("rememberBlocks compresses a small block once, whatever becomes of its memory", () => {
  const { calls, compress } = counting();
  const remembering = rememberBlocks(compress);
  const block = new Uint8Array([1, 255, 0]);
  assert.deepEqual(remembering(block), new Uint8Array([255, 0]));
  block.fill(9);
  assert.deepEqual(remembering(new Uint8Array([1, 255, 0])), new Uint8Array([255, 0]));
  assert.deepEqual(remembering(new Uint8Array([1, 255])), new Uint8Array([255]));
  assert.deepEqual(calls, [[1, 255, 0], [1, 255]]);
});

Deno.test("rememberBlocks compresses a large block each time", () => {
  const { calls, compress } = counting();
  const remembering = rememberBlocks(compress);
  for (const _ of [1, 2]) assert.equal(remembering(new Uint8Array(65)).length, 64);
  assert.equal(calls.length, 2);
});

Deno.test("rememberBlocks holds as many as it may", () => {
  const { calls, compress } = counting();
  const remembering = rememberBlocks(compress, 2);
  for (const byte of [1, 2, 1, 2, 3, 3, 1]) remembering(new Uint8Array([byte]));
  assert.deepEqual(calls, [[1], [2], [3], [1]]);
});
