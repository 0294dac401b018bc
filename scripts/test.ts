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
  run(services: Services): Promise<Counts | undefined>;
}

const PARTS: readonly Part[] = [
  check("format", ["fmt", "--check", "--quiet"]),
  check("lint", ["lint", "--quiet"]),
  check("types", ["check", "--quiet", "main.ts", "src/", "scripts/", "tests/"]),
  tests("tidy", "tests/tidy_test.ts"),
  tests("unit", "tests/unit", ["--parallel"]),
  tests("contract", "tests/contract"),
  tests("integration", "tests/integration"),
  { name: "blackbox", standard: true, run: runBlackBox },
  tests("sim", "tests/sim"),
  { ...tests("faults", "tests/faults"), standard: false, run: runFaults },
];

function check(name: string, args: readonly string[]): Part {
  return { name, standard: true, run: () => runCheck(args, ROOT) };
}

function tests(name: string, path: string, flags: readonly string[] = []): Part {
  return { name, standard: true, run: ({ env }) => runTests({ path, root: ROOT, flags, env }) };
}

async function runBlackBox(services: Services): Promise<Counts | undefined> {
  return await runWithExecutable("tests/blackbox", services);
}

async function runFaults(services: Services): Promise<Counts | undefined> {
  return await runWithExecutable("tests/faults", services);
}

async function runWithExecutable(path: string, services: Services): Promise<Counts | undefined> {
  const env = { ...services.env, TRIBUTARY_BIN: await buildExecutable() };
  return await runTests({ path, root: ROOT, flags: [], env });
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

async function runPart(part: Part, services: Services): Promise<Counts> {
  console.log(`\n== ${part.name}`);
  const startMs = systemClock.monotonicMs();
  const counts = await attempt(part, services);
  const seconds = ((systemClock.monotonicMs() - startMs) / 1000).toFixed(1);
  const result = counts === undefined
    ? "nothing here yet"
    : `${counts.passed} passed, ${counts.failed} failed`;
  console.log(`== ${part.name}: ${result} in ${seconds} s`);
  return counts ?? { passed: 0, failed: 0 };
}

async function attempt(part: Part, services: Services): Promise<Counts | undefined> {
  try {
    return await part.run(services);
  } catch (error) {
    console.error(errorMessage(error));
    return { passed: 0, failed: 1 };
  }
}

/** The servers' watchdogs see our end and tidy up after us. */
function endWithLauncher(): void {
  const end = () => Deno.exit(130);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(name, end);
  watchLaunchers(end);
}

async function main(): Promise<boolean> {
  const parts = chosenParts(Deno.args);
  endWithLauncher();
  const startMs = systemClock.monotonicMs();
  await using services = await startServices({ mongod: true, redis: true, s3: true });
  const seconds = () => ((systemClock.monotonicMs() - startMs) / 1000).toFixed(1);
  console.log(`== services: ready in ${seconds()} s`);
  const total = { passed: 0, failed: 0 };
  for (const part of parts) {
    const counts = await runPart(part, services);
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
