/** The program run from its source, in a child process of its own. */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the program is started from source, before its own arguments. */
export function sourceCommand(): [string, ...string[]] {
  const flags = ["--quiet", "--config", `${ROOT}deno.json`, "-A", "--unstable-worker-options"];
  return [Deno.execPath(), "run", ...flags, `${ROOT}main.ts`];
}

/** The least of our environment that a program needs to start. */
export function leastEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "DENO_DIR", "XDG_CACHE_HOME"];
  return Object.fromEntries(kept.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Runs a verb to its end with these settings and nothing else. */
export async function runFromSource(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SourceRun> {
  const child = startFromSource(args, env);
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, stdout, stderr };
}

/** Starts `tributary run`, waits for a line on standard error that matches, stops it and answers all its lines. */
export async function runUntilLine(
  pattern: RegExp,
  env: Readonly<Record<string, string>>,
  started: (line: string) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const child = startFromSource(["run"], env);
  const lines: string[] = [];
  let rest = "";
  let found = false;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      await started(line);
      if (found || !pattern.test(line)) continue;
      found = true;
      child.kill("SIGTERM");
    }
  }
  await child.stdout.cancel();
  await child.status;
  if (found) return lines;
  throw new Error(`The program ended without a line like ${pattern}:\n${lines.join("\n")}`);
}

function startFromSource(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const [program, ...flags] = sourceCommand();
  return new Deno.Command(program, {
    args: [...flags, ...args],
    clearEnv: true,
    env: { ...leastEnvironment(), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
