/**
 * Everything that must hold before a change lands, in one run: `deno task test [PART...]`.
 *
 * Servers are started once for all parts. The last line is `N passed, N failed`, summed over all parts; format, lint and
 * types count as one test each.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorMessage } from "../src/model/errors.ts";
import { systemClock } from "../src/support/clock.ts";
import { compile, compileToScript, lacksBaseBinary } from "./compile.ts";
import { type Services, startServices } from "./services.ts";
import { watchLaunchers } from "./services/launchers.ts";
import { type Counts, runCheck, runTests } from "./test/run_tests.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Part {
  readonly name: string;
  /** Whether it runs when no part is named. */
  readonly standard: boolean;
  /** Undefined if there is nothing of this part yet. */
  run(context: Context): Promise<Counts | undefined>;
}

interface Context {
  /** The addresses of the servers. */
  readonly env: Services["env"];
  /** Aborted when the run is to end early. */
  readonly signal: AbortSignal;
}

const PARTS: readonly Part[] = [
  check("format", ["fmt", "--check", "--quiet"]),
  check("lint", ["lint", "--quiet"]),
  check("types", ["check", "--quiet", "main.ts", "src/", "scripts/", "tests/"]),
  tests("tidy", "tests/tidy_test.ts"),
  tests("unit", "tests/unit", ["--parallel"]),
  tests("protocol", "tests/protocol", ["--parallel"]),
  tests("contract", "tests/contract"),
  tests("integration", "tests/integration"),
  testsOfExecutable("blackbox", "tests/blackbox", true),
  tests("sim", "tests/sim", ["--parallel"]),
  testsOfExecutable("faults", "tests/faults", false),
  { ...tests("engines", "tests/engines"), standard: false },
];

function check(name: string, args: readonly string[]): Part {
  return { name, standard: true, run: ({ signal }) => runCheck(args, ROOT, signal) };
}

function tests(name: string, path: string, flags: readonly string[] = []): Part {
  return {
    name,
    standard: true,
    run: (context) => runTests({ path, root: ROOT, flags, ...context }),
  };
}

/** Builds the executable first and tells the tests where it is. */
function testsOfExecutable(name: string, path: string, standard: boolean): Part {
  return {
    name,
    standard,
    async run({ env, signal }) {
      const withBinary = { ...env, TRIBUTARY_BIN: await buildExecutable() };
      return await runTests({ path, root: ROOT, flags: [], env: withBinary, signal });
    },
  };
}

/** Where Deno's base binary cannot be had, the bundle stands in for the executable, with the same permissions. */
async function buildExecutable(): Promise<string> {
  const output = join(ROOT, "dist", "tributary");
  try {
    await compile({ output });
    const { size } = await Deno.stat(output);
    console.log(`compiled ${output}, ${(size / 1024 ** 2).toFixed(1)} MiB`);
  } catch (error) {
    if (!lacksBaseBinary(error)) throw error;
    console.log("the base binary of deno compile cannot be downloaded: testing the bundle instead");
    await compileToScript({ output });
  }
  return output;
}

function chosenParts(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    const known = PARTS.map((part) => part.name).join(", ");
    throw new Error(`Unknown part "${unknown.join(" ")}": there are ${known}`);
  }
  return PARTS.filter((part) => names.length === 0 ? part.standard : names.includes(part.name));
}

async function runPart(part: Part, context: Context): Promise<Counts> {
  console.log(`\n== ${part.name}`);
  const startMs = systemClock.monotonicMs();
  const counts = await attempt(part, context);
  const seconds = ((systemClock.monotonicMs() - startMs) / 1000).toFixed(1);
  const result = counts === undefined
    ? "nothing here yet"
    : `${counts.passed} passed, ${counts.failed} failed`;
  console.log(`== ${part.name}: ${result} in ${seconds} s`);
  return counts ?? { passed: 0, failed: 0 };
}

async function attempt(part: Part, context: Context): Promise<Counts | undefined> {
  try {
    return await part.run(context);
  } catch (error) {
    console.error(errorMessage(error));
    return { passed: 0, failed: 1 };
  }
}

/** Ends the tests and us with whatever launched us; the servers' watchdogs see our end and tidy up after us. */
function endWithLauncher(): AbortSignal {
  const controller = new AbortController();
  const end = () => {
    controller.abort();
    Deno.exit(130);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(name, end);
  watchLaunchers(end);
  return controller.signal;
}

async function main(): Promise<boolean> {
  const parts = chosenParts(Deno.args);
  const signal = endWithLauncher();
  const startMs = systemClock.monotonicMs();
  await using services = await startServices({ mongod: true, redis: true, s3: true });
  const seconds = () => ((systemClock.monotonicMs() - startMs) / 1000).toFixed(1);
  console.log(`== services: ready in ${seconds()} s`);
  const total = { passed: 0, failed: 0 };
  for (const part of parts) {
    const counts = await runPart(part, { env: services.env, signal });
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  console.log(`\n== all: ${seconds()} s`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0;
}

try {
  Deno.exit(await main() ? 0 : 1);
} catch (error) {
  console.error(errorMessage(error));
  console.log("0 passed, 1 failed");
  Deno.exit(1);
}
