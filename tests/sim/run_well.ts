import assert from "node:assert/strict";
import { runSeed } from "./run_seed.ts";

/** Runs the world of a seed, in which nothing may go wrong; answers the digest of what has happened. */
export async function runWell(seed: number): Promise<string> {
  const { failure, digest, records } = await runSeed(seed);
  if (failure !== undefined) {
    throw new Error(`Seed ${seed} failed; \`deno task sim ${seed}\` shows how`, { cause: failure });
  }
  assert(records > 0, `nothing happens in the world of seed ${seed}`);
  return digest;
}
