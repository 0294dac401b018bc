import assert from "node:assert/strict";
import { runSeed, type SeedOutcome } from "./run_seed.ts";

/** Runs the world of a seed, in which nothing may go wrong. */
export async function runWell(seed: number): Promise<SeedOutcome> {
  const outcome = await runSeed(seed);
  const { failure, records } = outcome;
  if (failure !== undefined) {
    throw new Error(`Seed ${seed} failed; \`deno task sim ${seed}\` shows how`, { cause: failure });
  }
  assert(records > 0, `nothing happens in the world of seed ${seed}`);
  return outcome;
}
