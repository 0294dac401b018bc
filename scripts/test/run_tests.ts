import { join } from "node:path";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export interface TestRun {
  /** File or folder of tests, relative to `root`. */
  readonly path: string;
  readonly root: string;
  /** Further flags of `deno test`. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ends the tests. */
  readonly signal?: AbortSignal;
  /** Takes what the tests print, errors among it. Without it, that is passed on at once. */
  readonly print?: (bytes: Uint8Array) => void;
}

/** Runs a command of Deno that passes or fails as a whole. */
export async function runCheck(
  args: readonly string[],
  root: string,
  signal: AbortSignal,
): Promise<Counts> {
  const options = { args: [...args], cwd: root, stdin: "null" as const, signal };
  const { success } = await new Deno.Command(Deno.execPath(), options).spawn().status;
  return success ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Runs tests and passes their output on. Undefined if there is nothing at the path; a failure if there is something but no
 * test ran, or if Deno failed without a failed test (as when a file does not compile).
 */
export async function runTests(run: TestRun): Promise<Counts | undefined> {
  if (!await isAnythingAt(join(run.root, run.path))) return undefined;
  const { print } = run;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--unstable-worker-options", ...run.flags, run.path],
    cwd: run.root,
    env: { ...run.env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: print === undefined ? "inherit" : "piped",
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  }).spawn();
  const [counts] = await Promise.all([
    readCounts(process.stdout, print ?? writeAll),
    print === undefined ? undefined : passOn(process.stderr, print),
  ]);
  const { success } = await process.status;
  if (counts !== undefined && counts.passed + counts.failed > 0 && success) return counts;
  if (success) {
    const text = `No test ran in ${run.path}\n`;
    await (print ?? writeAll)(new TextEncoder().encode(text));
  }
  return { passed: counts?.passed ?? 0, failed: Math.max(1, counts?.failed ?? 0) };
}

async function isAnythingAt(path: string): Promise<boolean> {
  try {
    if ((await Deno.stat(path)).isFile) return true;
    for await (const entry of Deno.readDir(path)) {
      if (await isAnythingAt(join(path, entry.name))) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

type Print = (bytes: Uint8Array) => void | Promise<void>;

/** Passes everything on and reads the last summary of `deno test` out of what passes. */
async function readCounts(
  stdout: ReadableStream<Uint8Array>,
  print: Print,
): Promise<Counts | undefined> {
  const decoder = new TextDecoder();
  let counts: Counts | undefined;
  let line = "";
  for await (const chunk of stdout) {
    await print(chunk);
    const lines = (line + decoder.decode(chunk, { stream: true })).split("\n");
    line = lines.pop() ?? "";
    for (const text of lines) counts = parseSummary(text) ?? counts;
  }
  return parseSummary(line) ?? counts;
}

async function passOn(stream: ReadableStream<Uint8Array>, print: Print): Promise<void> {
  for await (const chunk of stream) await print(chunk);
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await Deno.stdout.write(bytes.subarray(written));
  }
}

/** `ok | 12 passed (3 steps) | 0 failed (1s)`, also with `| 2 ignored` and the like. */
export function parseSummary(line: string): Counts | undefined {
  const match = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/.exec(line);
  return match === null ? undefined : { passed: Number(match[1]), failed: Number(match[2]) };
}
