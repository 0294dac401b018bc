/** The program as a black box: a child process whose output is kept line by line. */
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";

export interface ProgramOptions {
  /** The settings. Of our own environment the program sees nothing but `PATH`, `HOME` and `TMPDIR`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another executable than that of `TRIBUTARY_BIN`. */
  readonly executable?: string;
}

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Whole lines so far; grow while it runs. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves when it has ended and all its output is there. */
  readonly ended: Promise<{ readonly code: number; readonly signal: Deno.Signal | null }>;
  /** Sends a signal; nothing happens if it has ended. */
  kill(signal: Deno.Signal): void;
  /**
   * The first line of either output that matches, after `passed` others that do. Throws with the output if it ends or `limitMs`
   * passes before.
   */
  line(pattern: RegExp, limitMs?: number, passed?: number): Promise<string>;
  /** How many lines match so far. */
  count(pattern: RegExp): number;
}

/** Far more than anything takes: a wait in vain is seen late, one that ends too early fails on a slow machine. */
const LINE_MS_MAX = 240_000;
const KEPT_VARIABLES = ["PATH", "HOME", "TMPDIR"];

/** Starts the executable named by `TRIBUTARY_BIN`. Disposing of it kills it. */
export function startProgram(args: readonly string[], options: ProgramOptions = {}): Program {
  const child = new Deno.Command(options.executable ?? executable(), {
    args: [...args],
    clearEnv: true,
    env: { ...keptEnvironment(), ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new RunningProgram(args, child);
}

/** Runs the executable to its end. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using program = startProgram(args, options);
  const { code } = await program.ended;
  return { code, stdout: program.stdout.join("\n"), stderr: program.stderr.join("\n") };
}

function executable(): string {
  const path = Deno.env.get("TRIBUTARY_BIN");
  if (path !== undefined && path !== "") return path;
  throw new Error(
    "TRIBUTARY_BIN is not set: run `deno task test blackbox`, or name an executable in it",
  );
}

function keptEnvironment(): Record<string, string> {
  return Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function collectLines(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  }
  if (rest !== "") lines.push(rest);
}

class RunningProgram implements Program {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly ended: Program["ended"];
  readonly #args: readonly string[];
  readonly #child: Deno.ChildProcess;
  #hasEnded = false;

  constructor(args: readonly string[], child: Deno.ChildProcess) {
    this.#args = args;
    this.#child = child;
    const out = collectLines(child.stdout, this.stdout);
    const err = collectLines(child.stderr, this.stderr);
    this.ended = Promise.all([child.status, out, err]).then(([{ code, signal }]) => {
      this.#hasEnded = true;
      return { code, signal };
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  kill(signal: Deno.Signal): void {
    if (this.#hasEnded) return;
    try {
      Deno.kill(this.pid, signal);
    } catch (error) {
      // It ended between the look and the signal.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  count(pattern: RegExp): number {
    return this.#matching(pattern).length;
  }

  async line(pattern: RegExp, limitMs: number = LINE_MS_MAX, passed = 0): Promise<string> {
    const find = () => this.#matching(pattern)[passed];
    await waitUntil(systemClock, limitMs, () => find() ?? (this.#hasEnded ? "ended" : undefined));
    const found = find();
    if (found !== undefined) return found;
    const output = [...this.stdout, ...this.stderr].slice(-20).join("\n");
    throw new Error(`No line of "${this.#args.join(" ")}" matches ${pattern}:\n${output}`);
  }

  #matching(pattern: RegExp): string[] {
    return [...this.stdout, ...this.stderr].filter((line) => pattern.test(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }
}
