import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/support/clock.ts";
import { mapLimited } from "../../src/support/flow/limited.ts";
import { applyChange, changesOf, type Mutation } from "../../tests/sim/mutation.ts";
import { copyTree } from "../../tests/support/copy_tree.ts";
import { MUTATIONS } from "../../tests/sim/mutations.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Each mutation must be noticed within so many seeds. */
const SEEDS_MAX = 50;

/** A mutation may make the program turn for ever; that is noticed, too. */
const RUN_MS_MAX = 120_000;

const RUNS_AT_ONCE = 2;

/** What a simulation needs of the project. */
const COPIED = ["deno.json", "deno.lock", "scripts", "src", "tests/sim", "tests/support"];

interface Result {
  readonly name: string;
  /** The seeds that were needed; undefined if it was not noticed. */
  readonly seeds: number | undefined;
  readonly how: string;
}

/** Applies each mutation to a copy of the sources and runs seeds on it; whether all were noticed. */
export async function runMutations(text: string): Promise<boolean> {
  const chosen = MUTATIONS.filter(({ name, file }) => name.includes(text) || file.includes(text));
  const results = await mapLimited(chosen, RUNS_AT_ONCE, async (mutation) => {
    const result = await runMutation(mutation);
    const { seeds, name, how } = result;
    console.log(
      `${seeds === undefined ? "NOT NOTICED" : String(seeds).padStart(11)}  ${name}: ${how}`,
    );
    return result;
  });
  const missed = results.filter(({ seeds }) => seeds === undefined);
  console.log(`${results.length - missed.length} of ${results.length} noticed`);
  return missed.length === 0 && results.length > 0;
}

async function runMutation(mutation: Mutation): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "tributary-mutation-" });
  try {
    for (const path of COPIED) await copyTree(join(ROOT, path), join(folder, path));
    for (const change of changesOf(mutation)) {
      const path = join(folder, change.file);
      await Deno.writeTextFile(path, applyChange(change, await Deno.readTextFile(path)));
    }
    return { name: mutation.name, ...await runSeeds(folder, mutation.firstSeed ?? 1) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runSeeds(folder: string, first: number): Promise<Omit<Result, "name">> {
  const last = first + SEEDS_MAX - 1;
  const timeout = new AbortController();
  const timer = systemClock.after(RUN_MS_MAX, () => timeout.abort());
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "scripts/sim.ts", String(first), String(last)],
    cwd: folder,
    stdin: "null",
    signal: timeout.signal,
  }).output();
  timer.cancel();
  if (timeout.signal.aborted) return { seeds: SEEDS_MAX, how: "it turns without end" };
  const output = new TextDecoder().decode(stdout);
  const failed = /^seed (\d+) failed: (.*)$/m.exec(output);
  if (failed !== null) return { seeds: Number(failed[1]) - first + 1, how: failed[2]! };
  const isWhole = output.includes(`seeds ${first} to ${last}:`);
  if (isWhole) return { seeds: undefined, how: "all seeds passed" };
  throw new Error(`Cannot run the simulation on a copy: ${new TextDecoder().decode(stderr)}`);
}
