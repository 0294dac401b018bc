import assert from "node:assert/strict";
import { readAheadInOrder } from "../../../../src/support/flow/read_ahead_in_order.ts";

const LIMITS = { sizeOf: (size: number) => size, bytesMax: 10, itemsMax: 3 };

/** What was begun, and how each can be ended. */
function reads() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const read = (size: number) => {
    begun.push(size);
    return new Promise<number>((end) => ends.set(size, () => end(size * 2)));
  };
  return { begun, ends, read };
}

Deno.test("readAheadInOrder answers in order, and reads as far ahead as its limits let it", async () => {
  const { begun, ends, read } = reads();
  const all = readAheadInOrder([4, 5, 6, 1, 2, 3, 20], read, LIMITS);
  const first = all.next();
  await Promise.resolve();
  assert.deepEqual(begun, [4, 5]);
  ends.get(5)!();
  ends.get(4)!();
  assert.deepEqual((await first).value, [4, 8]);
  const second = all.next();
  assert.deepEqual((await second).value, [5, 10]);
  const third = all.next();
  await Promise.resolve();
  assert.deepEqual(begun, [4, 5, 6, 1, 2]);
  for (const size of [6, 1, 2]) ends.get(size)!();
  assert.deepEqual((await third).value, [6, 12]);
  const rest = Array.fromAsync(all);
  while (!ends.has(3)) await new Promise((go) => setTimeout(go));
  ends.get(3)!();
  // Larger than the limit: alone.
  while (!ends.has(20)) await new Promise((go) => setTimeout(go));
  ends.get(20)!();
  assert.deepEqual(await rest, [[1, 2], [2, 4], [3, 6], [20, 40]]);
});

Deno.test("readAheadInOrder throws a failure in its turn, and waits for what is under way", async () => {
  let under = 0;
  const read = async (size: number) => {
    under++;
    await new Promise((go) => setTimeout(go));
    under--;
    if (size === 2) throw new Error("It is broken");
    return size;
  };
  const taken: number[] = [];
  await assert.rejects(async () => {
    for await (const [item] of readAheadInOrder([1, 2, 3], read, LIMITS)) taken.push(item);
  }, /It is broken/);
  assert.deepEqual([taken, under], [[1], 0]);
});
