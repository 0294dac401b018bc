import assert from "node:assert/strict";
import { takeParts } from "../../../../src/support/bytes/take_parts.ts";

/** Views of one buffer. */
async function* chunksOf(...sizes: readonly number[]) {
  const buffer = new Uint8Array(20);
  let next = 0;
  for (const size of sizes) {
    for (let i = 0; i < size; i++) buffer[i] = next++;
    yield await Promise.resolve(buffer.subarray(0, size));
  }
}

async function partsOf(...sizes: readonly number[]): Promise<number[][]> {
  const parts = await Array.fromAsync(takeParts(chunksOf(...sizes), 4));
  return parts.map((part) => [...part]);
}

Deno.test("takeParts gives parts of one size and a smaller last one, whatever the chunks are", async () => {
  const all = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]];
  for (const sizes of [[10], [1, 0, 2, 7], [4, 4, 2], Array(10).fill(1)]) {
    assert.deepEqual(await partsOf(...sizes), all);
  }
  assert.deepEqual(await partsOf(4, 4), all.slice(0, 2));
  assert.deepEqual(await partsOf(), []);
});
