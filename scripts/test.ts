/**
 * Everything that must hold before a change lands, in one run: `deno task test [PART...]`.
 *
 * What needs no server is computed first, while servers and tools are installed. Then the files of the parts that need
 * them run side by side, as they mostly wait. The last line is `N passed, N failed`, summed over all parts; format, lint
 * and types count as one test each.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorMessage } from "../src/model/errors.ts";
import { systemClock } from "../src/support/clock.ts";
import { compile, compileToScript, lacksBaseBinary } from "./compile.ts";
import { type ServiceChoice, type Services, startServices } from "./services.ts";
import { watchLaunchers } from "./services/launchers.ts";
import { type Counts, runCheck, runTests } from "./test/run_tests.ts";
import { runSideBySide, said } from "./test/side_by_side.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TOOLS = join(ROOT, "tests/support/install_tools.ts");

/** Files of tests that run at once: two a core, for each waits more than half of its time. */
const AT_ONCE_MAX = Math.min(8, 2 * navigator.hardwareConcurrency);

type Need = "nothing" | "redis" | "servers" | "executable";

interface Part {
  readonly name: string;
  readonly needs: Need;
  /** Whether it runs when no part is named. */
  readonly standard: boolean;
  /** A command of Deno that passes or fails as a whole, or a file or folder of tests. */
  readonly what: { readonly command: readonly string[] } | { readonly tests: string };
  /** How its files run. */
  readonly how: "in turn" | "in threads" | "side by side";
}

const PARTS: readonly Part[] = [
  check("format", ["fmt", "--check", "--quiet"]),
  check("lint", ["lint", "--quiet"]),
  check("types", ["check", "--quiet", "main.ts", "src/", "scripts/", "tests/"]),
  tests("tidy", "tests/tidy_test.ts", "nothing", "in turn"),
  tests("unit", "tests/unit", "redis", "in threads"),
  tests("protocol", "tests/protocol", "nothing", "in threads"),
  tests("sim", "tests/sim", "nothing", "in threads"),
  tests("contract", "tests/contract", "servers", "side by side"),
  tests("blackbox", "tests/blackbox", "executable", "side by side"),
  tests("integration", "tests/integration", "servers", "side by side"),
  { ...tests("faults", "tests/faults", "executable", "in turn"), standard: false },
  { ...tests("engines", "tests/engines", "servers", "in turn"), standard: false },
];

function check(name: string, command: readonly string[]): Part {
  return { name, needs: "nothing", standard: true, what: { command }, how: "in turn" };
}

function tests(name: string, path: string, needs: Need, how: Part["how"]): Part {
  return { name, needs, standard: true, what: { tests: path }, how };
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

async function runPart(part: Part, needed: Needed, signal: AbortSignal): Promise<Counts> {
  console.log(`\n== ${part.name}`);
  const startMs = systemClock.monotonicMs();
  const counts = await attempt(() => runAlone(part, needed, signal));
  const result = counts === undefined ? "nothing here yet" : said(counts);
  console.log(`== ${part.name}: ${result} in ${secondsSince(startMs)} s`);
  return counts ?? { passed: 0, failed: 0 };
}

async function runAlone(
  { what, needs, how }: Part,
  needed: Needed,
  signal: AbortSignal,
): Promise<Counts | undefined> {
  if ("command" in what) return await runCheck(what.command, ROOT, signal);
  const flags = how === "in threads" ? ["--parallel"] : [];
  const env = await needed.env(needs);
  return await runTests({ path: what.tests, root: ROOT, flags, env, signal });
}

/** Runs the files of all these parts side by side. */
async function runTogether(
  parts: readonly Part[],
  needed: Needed,
  signal: AbortSignal,
): Promise<Counts> {
  console.log(`\n== ${parts.map(({ name }) => name).join(", ")}: ${AT_ONCE_MAX} files at once`);
  const total = { passed: 0, failed: 0 };
  const counts = await attempt(async () => {
    const chosen = await Promise.all(parts.map(async ({ name, what, needs }) => {
      const folder = "tests" in what ? what.tests : "";
      return { name, folder, env: await needed.env(needs) };
    }));
    const options = { root: ROOT, flags: [], atOnceMax: AT_ONCE_MAX, signal, print };
    console.log();
    for (const { name, counts, seconds, failed } of await runSideBySide(chosen, options)) {
      console.log(`== ${name}: ${said(counts)} in ${seconds.toFixed(1)} s`);
      for (const path of failed) console.log(`   failed: ${path}`);
      total.passed += counts.passed;
      total.failed += counts.failed;
    }
    return total;
  });
  return counts ?? total;
}

function print(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

async function attempt<T>(run: () => Promise<T>): Promise<T | Counts> {
  try {
    return await run();
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
  await using needed = new Needed(parts);
  using _tools = installTools(parts, signal);
  const total = { passed: 0, failed: 0 };
  const add = ({ passed, failed }: Counts) => {
    total.passed += passed;
    total.failed += failed;
  };
  for (const part of parts.filter((each) => each.how !== "side by side" && each.standard)) {
    add(await runPart(part, needed, signal));
  }
  const together = parts.filter((each) => each.how === "side by side");
  if (together.length > 0) add(await runTogether(together, needed, signal));
  for (const part of parts.filter((each) => !each.standard)) {
    add(await runPart(part, needed, signal));
  }
  console.log(`\n== all: ${secondsSince(startMs)} s`);
  console.log(said(total));
  return total.failed === 0 && total.passed > 0;
}

function secondsSince(startMs: number): string {
  return ((systemClock.monotonicMs() - startMs) / 1000).toFixed(1);
}

/** Servers and the executable: begun with the command, awaited by the parts that need them. */
class Needed implements AsyncDisposable {
  readonly #redis: Promise<Services> | undefined;
  readonly #servers: Promise<Services> | undefined;
  readonly #executable: Promise<string> | undefined;

  constructor(parts: readonly Part[]) {
    const needs = new Set(parts.map((part) => part.needs));
    const executable = needs.has("executable");
    const servers = executable || needs.has("servers");
    if (servers || needs.has("redis")) this.#redis = begin(startNamed({ redis: true }));
    if (servers) this.#servers = begin(startNamed({ mongod: true, s3: true }));
    if (executable) this.#executable = begin(buildExecutable());
  }

  /** The environment for tests that need this. */
  async env(need: Need): Promise<Record<string, string>> {
    const env: Record<string, string> = {};
    if (need === "nothing") return env;
    Object.assign(env, (await this.#redis)?.env);
    if (need === "redis") return env;
    Object.assign(env, (await this.#servers)?.env);
    if (need === "executable") env["TRIBUTARY_BIN"] = (await this.#executable)!;
    return env;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of [this.#redis, this.#servers]) {
      await (await started?.catch(() => undefined))?.[Symbol.asyncDispose]();
    }
  }
}

async function startNamed(choice: ServiceChoice): Promise<Services> {
  const startMs = systemClock.monotonicMs();
  const services = await startServices(choice);
  console.log(`== ${Object.keys(choice).join(" and ")}: ready in ${secondsSince(startMs)} s`);
  return services;
}

/** Who awaits it later meets its failure then. */
function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

/** Makes the tools that tests judge by where they are not there; a test that comes too early waits for its own. */
function installTools(parts: readonly Part[], signal: AbortSignal): Disposable | undefined {
  if (!parts.some(({ name }) => name === "integration")) return undefined;
  const controller = new AbortController();
  new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", TOOLS],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.any([signal, controller.signal]),
  }).spawn();
  return { [Symbol.dispose]: () => controller.abort() };
}

try {
  Deno.exit(await main() ? 0 : 1);
} catch (error) {
  console.error(errorMessage(error));
  console.log("0 passed, 1 failed");
  Deno.exit(1);
}
