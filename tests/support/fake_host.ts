/** A process for verbs that is only variables. */
import type { Host } from "../../src/cli/host.ts";
import { VERBS } from "../../src/cli/verbs.ts";
import { GROUPS } from "../../src/cli/verbs.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { ExitCode, Verb } from "../../src/cli/verb.ts";

export interface FakeProcess {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Contents by path; new files go in. */
  readonly files?: Map<string, string>;
  /** When standard input is closed. Default: at once. */
  readonly stdinEnded?: Promise<void>;
}

export interface Outcome {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export function fakeHost(fake: FakeProcess): { host: Host; stdout: string[]; stderr: string[] } {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const files = fake.files ?? new Map<string, string>();
  const env = new Map(Object.entries(fake.env ?? {}));
  const output = (lines: string[]) => ({
    write: (text: string) => void lines.push(text),
    isTerminal: false,
    columns: 80,
  });
  const host: Host = {
    args: fake.args ?? [],
    stdout: output(stdout),
    stderr: output(stderr),
    machine: { hostName: "host-1", cores: 4 },
    runtime: { deno: "2.9.6", v8: "15.0", target: "x86_64-unknown-linux-gnu" },
    env: (name) => env.get(name),
    setEnv: (name, value) => void (value === undefined ? env.delete(name) : env.set(name, value)),
    readTextFile: (path) => {
      const text = files.get(path);
      if (text === undefined) throw new Error(`No such file: ${path}`);
      return text;
    },
    writeNewTextFile: (path, text) => {
      if (files.has(path)) throw new Error("File exists");
      files.set(path, text);
    },
    writeNewFile: (path, bytes) => {
      if (files.has(path)) throw new Error("File exists");
      // As a text in which each byte is a character.
      files.set(path, String.fromCharCode(...bytes));
    },
    stdinEnded: () => fake.stdinEnded ?? Promise.resolve(),
    onStopSignal: () => () => {},
    onHangup: () => () => {},
  };
  return { host, stdout, stderr };
}

/** Runs the program with this command line in a process of variables. */
export async function runFake(
  line: string,
  fake: FakeProcess = {},
  verbs: readonly Verb[] = VERBS,
): Promise<Outcome> {
  const args = line.split(" ").filter((word) => word !== "");
  const { host, stdout, stderr } = fakeHost({ ...fake, args });
  const code = await runProgram(host, verbs, GROUPS);
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}
