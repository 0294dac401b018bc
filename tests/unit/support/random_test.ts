import assert from "node:assert/strict";
import { systemRandom } from "../../../src/support/random.ts";

Deno.test("systemRandom.hex gives as many digits as asked for, odd numbers too", () => {
  for (const digits of [0, 1, 2, 7, 8, 32]) {
    assert.match(systemRandom.hex(digits), new RegExp(`^[0-9a-f]{${digits}}$`));
  }
});

Deno.test("systemRandom gives something else each time", () => {
  const many = Array.from({ length: 100 });
  assert.equal(new Set(many.map(() => systemRandom.hex(32))).size, 100);
  assert.equal(new Set(many.map(() => systemRandom.uuid())).size, 100);
  const fractions = many.map(() => systemRandom.fraction());
  assert(fractions.every((fraction) => fraction >= 0 && fraction < 1));
  assert(new Set(fractions).size > 90);
});
