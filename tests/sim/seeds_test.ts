/** Worlds full of faults, in which nothing may be lost, doubled or left behind. */
import assert from "node:assert/strict";
import { runSeed } from "./run_seed.ts";
import { runWell } from "./run_well.ts";

const SEEDS = 100;
const SEEDS_A_TEST = 25;

/** So many streams that share a change stream are many. */
const SHARERS = 3;

for (let first = 1; first <= SEEDS; first += SEEDS_A_TEST) {
  const last = first + SEEDS_A_TEST - 1;
  Deno.test(`the worlds of seeds ${first} to ${last} keep each event exactly once, and replay`, async () => {
    let shared = 0;
    let complete = 0;
    for (let seed = first; seed <= last; seed++) {
      const { digest, sharersMax, snapshots } = await runWell(seed);
      complete += snapshots;
      if (sharersMax >= SHARERS) shared++;
      const again = await runSeed(seed);
      assert.equal(again.digest, digest, `seed ${seed} does not replay`);
    }
    assert(complete > 0, "in no world a snapshot is complete");
    assert(shared > 0, "in no world many streams share a change stream");
  });
}
