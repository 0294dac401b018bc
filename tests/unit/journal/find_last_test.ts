import assert from "node:assert/strict";
import { findLast } from "../../../src/journal/find_last.ts";

/** A reader of so many entries, which counts its reads. */
function entries(count: number) {
  const asked: number[] = [];
  const read = (seq: number) => {
    asked.push(seq);
    return Promise.resolve(seq < count ? { seq } : undefined);
  };
  return { read, asked };
}

Deno.test("findLast finds the last of any number, whatever the hint is", async () => {
  for (const count of [0, 1, 2, 3, 64, 65, 1000]) {
    for (const hint of [undefined, 0, 1, 63, 999, 5000]) {
      const { read } = entries(count);
      assert.equal((await findLast(read, hint))?.seq, count === 0 ? undefined : count - 1);
    }
  }
});

Deno.test("findLast reads little: two with a right hint, and few without", async () => {
  const right = entries(1000);
  await findLast(right.read, 999);
  assert.deepEqual(right.asked, [999, 1000]);
  const without = entries(1000);
  await findLast(without.read, undefined);
  assert.ok(without.asked.length <= 22, String(without.asked.length));
});
