/** Worlds full of faults, in which nothing may be lost, doubled or left behind. */
import assert from "node:assert/strict";
import { runSeed } from "./run_seed.ts";
import { FOUND } from "./seeds.ts";

const SEEDS = 300;
const SEEDS_A_TEST = 50;

for (let first = 1; first <= SEEDS; first += SEEDS_A_TEST) {
  const last = first + SEEDS_A_TEST - 1;
  Deno.test(`the worlds of seeds ${first} to ${last} keep each event exactly once, and replay`, async () => {
    for (let seed = first; seed <= last; seed++) {
      const digest = await runWell(seed);
      const again = await runSeed(seed);
      assert.equal(again.digest, digest, `seed ${seed} does not replay`);
    }
  });
}

for (const { seed, what } of FOUND) {
  Deno.test(`seed ${seed} (${what}) keeps each event exactly once`, async () => {
    await runWell(seed);
  });
}

async function runWell(seed: number): Promise<string> {
  const { failure, digest, records } = await runSeed(seed);
  if (failure !== undefined) {
    throw new Error(`Seed ${seed} failed; \`deno task sim ${seed}\` shows how`, { cause: failure });
  }
  assert(records > 0, `nothing happens in the world of seed ${seed}`);
  return digest;
}
