import { hostname } from "node:os";
import type { Host } from "../../src/cli/host.ts";
import { runProgram } from "../../src/cli/program.ts";
import { GROUPS, VERBS } from "../../src/cli/verbs.ts";

/** A line of the program's log. */
export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface RunningProgram {
  /** What the program exits with. */
  readonly code: Promise<number>;
  /** Asks it to stop, as SIGTERM does. */
  stop(): void;
}

/**
 * Runs the program as its `main.ts` does, but in this process: the same command line, with its log handed to `onLog`
 * and nothing of our environment. `--log-format json` must be among the arguments.
 */
export function runInProcess(
  args: readonly string[],
  onLog: (entry: LogEntry) => void,
): RunningProgram {
  let stop = () => {};
  const host: Host = {
    args: [...args],
    stdout: { write: () => {}, isTerminal: false, columns: 80 },
    stderr: { write: (text) => onLog(parseEntry(text)), isTerminal: false, columns: 80 },
    machine: { hostName: hostname(), cores: navigator.hardwareConcurrency },
    runtime: { deno: Deno.version.deno, v8: Deno.version.v8, target: Deno.build.target },
    env: () => undefined,
    setEnv: () => {},
    readTextFile: (path) => Deno.readTextFileSync(path),
    writeNewTextFile: (path, text) => Deno.writeTextFileSync(path, text, { createNew: true }),
    writeNewFile: (path, bytes) => Deno.writeFileSync(path, bytes, { createNew: true }),
    stdinEnded: () => Promise.resolve(),
    onStopSignal(handler) {
      stop = () => handler("SIGTERM");
      return () => stop = () => {};
    },
    onHangup: () => () => {},
  };
  return { code: runProgram(host, VERBS, GROUPS), stop: () => stop() };
}

/** What is no log line (wrong usage is explained in plain words) counts as an error. */
function parseEntry(text: string): LogEntry {
  if (text.startsWith("{")) return JSON.parse(text) as LogEntry;
  return { level: "error", message: text.trimEnd() };
}
