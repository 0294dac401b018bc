/** Worlds that have found something once; beside the others, so that both can run at the same time. */
import { runWell } from "./run_well.ts";
import { FOUND } from "./seeds.ts";

for (const { seed, what } of FOUND) {
  Deno.test(`seed ${seed} (${what}) keeps each event exactly once`, async () => {
    await runWell(seed);
  });
}
