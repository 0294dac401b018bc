/**
 * The simulation by hand.
 *
 *     deno task sim                    seeds without end, from a random one on; stops at the first failure
 *     deno task sim SEED               one seed with its event log
 *     deno task sim FROM TO            the seeds FROM to TO; stops at the first failure
 *     deno task sim --mutations [TEXT] breaks the protocol in each known way (of those whose name or file has TEXT)
 */
import { errorMessage } from "../src/model/errors.ts";
import { systemClock } from "../src/support/clock.ts";
import { systemRandom } from "../src/support/random.ts";
import { runSeed } from "../tests/sim/run_seed.ts";
import { runMutations } from "./sim/run_mutations.ts";

const SEEDS_A_LINE = 100;

async function showSeed(seed: number): Promise<boolean> {
  const { failure, digest } = await runSeed(seed, (line) => console.log(line));
  console.log(`seed ${seed}: ${digest}`);
  if (failure !== undefined) console.error(failure);
  return failure === undefined;
}

async function runSeeds(from: number, to: number): Promise<boolean> {
  const startMs = systemClock.monotonicMs();
  let records = 0;
  for (let seed = from; seed <= to; seed++) {
    const outcome = await runSeed(seed);
    records += outcome.records;
    if (outcome.failure !== undefined) {
      console.log(`seed ${seed} failed: ${errorMessage(outcome.failure)}`);
      return false;
    }
    if ((seed - from + 1) % SEEDS_A_LINE !== 0 && seed !== to) continue;
    const seconds = ((systemClock.monotonicMs() - startMs) / 1000).toFixed(1);
    console.log(`seeds ${from} to ${seed}: ${records} records in ${seconds} s`);
  }
  return true;
}

async function main(args: readonly string[]): Promise<boolean> {
  if (args[0] === "--mutations") return await runMutations(args[1] ?? "");
  const [from, to] = args.map(Number);
  if (args.some((arg) => !Number.isSafeInteger(Number(arg)))) {
    throw new Error(`Cannot run "${args.join(" ")}": seeds are whole numbers`);
  }
  if (from === undefined) {
    return await runSeeds(Math.floor(systemRandom.fraction() * 1e9), Infinity);
  }
  return to === undefined ? await showSeed(from) : await runSeeds(from, to);
}

Deno.exit(await main(Deno.args) ? 0 : 1);
