import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs } from "../../../../src/support/flow/backoff.ts";
import { type Random, systemRandom } from "../../../../src/support/random.ts";

const OPTIONS = { firstMs: 1000, maxMs: 60_000 };

Deno.test("backoffMs doubles from the first wait to the longest", () => {
  const lowest = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffMs(attempt, OPTIONS, random(0)));
  assert.deepEqual(lowest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

Deno.test("backoffMs is half certain and half random", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (attempt, fraction) => {
      const longest = backoffMs(attempt, OPTIONS, random(0)) * 2;
      const wait = backoffMs(attempt, OPTIONS, random(fraction));
      assert(wait >= longest / 2 && wait <= longest && longest <= OPTIONS.maxMs);
    },
  ));
  assert.equal(backoffMs(1, OPTIONS, random(0.5)), 750);
});

function random(fraction: number): Random {
  return { ...systemRandom, fraction: () => fraction };
}
