import { hostname } from "node:os";
import type { Machine } from "../config/load.ts";

/** The process as verbs see it; the only place where they meet the platform. */
export interface Host {
  /** The words of the command line after the program's name. */
  readonly args: readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly machine: Machine;
  /** `deno 2.9.6`, `v8 15.0`, `x86_64-unknown-linux-gnu`. */
  readonly runtime: { readonly deno: string; readonly v8: string; readonly target: string };
  env(name: string): string | undefined;
  /** Gives the process a variable, or takes it away; also in the eyes of libraries. */
  setEnv(name: string, value: string | undefined): void;
  /** Throws where the file cannot be read. */
  readTextFile(path: string): string;
  /** Throws where the file cannot be written, or is there already. */
  writeNewTextFile(path: string, text: string): void;
  /** The same for bytes. */
  writeNewFile(path: string, bytes: Uint8Array): void;
  /** Resolves when standard input is closed; what comes before is read and left alone. */
  stdinEnded(): Promise<void>;
  /** Calls the handler on SIGINT and SIGTERM until the function it returns is called. */
  onStopSignal(handler: (name: string) => void): () => void;
  /** Calls the handler on SIGHUP, as `onStopSignal` does, and says what is meant by it. */
  onHangup(handler: (meaning: HangupMeaning) => void): () => void;
}

/** Somebody asks to read the settings again; or the terminal that the program was started in is gone. */
export type HangupMeaning = "read-again" | "terminal-gone";

export interface Output {
  /** Writes all of it; quiet where nobody reads any more. */
  write(text: string): void;
  /** Whether that has been noticed. Absent: it is not told. */
  readonly isUnread?: boolean;
  readonly isTerminal: boolean;
  /** Of the terminal, or what stands for it. */
  readonly columns: number;
}

const COLUMNS_DEFAULT = 80;

/** The real process. */
export function processHost(): Host {
  return {
    args: Deno.args,
    stdout: output(Deno.stdout),
    stderr: output(Deno.stderr),
    machine: { hostName: hostname(), cores: navigator.hardwareConcurrency },
    runtime: { deno: Deno.version.deno, v8: Deno.version.v8, target: Deno.build.target },
    env: (name) => Deno.env.get(name),
    setEnv: (name, value) =>
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value),
    readTextFile: (path) => Deno.readTextFileSync(path),
    writeNewTextFile: (path, text) => Deno.writeTextFileSync(path, text, { createNew: true }),
    writeNewFile: (path, bytes) => Deno.writeFileSync(path, bytes, { createNew: true }),
    stdinEnded,
    onStopSignal,
    onHangup,
  };
}

async function stdinEnded(): Promise<void> {
  const buffer = new Uint8Array(1024);
  while (await Deno.stdin.read(buffer) !== null);
}

function output(stream: typeof Deno.stdout): Output {
  let isUnread = false;
  return {
    write: (text) => {
      if (!writeAll(stream, new TextEncoder().encode(text))) isUnread = true;
    },
    get isUnread() {
      return isUnread;
    },
    isTerminal: stream.isTerminal(),
    columns: columnsOf(stream),
  };
}

/** Whether anybody reads it. */
function writeAll(stream: typeof Deno.stdout, bytes: Uint8Array): boolean {
  try {
    for (let written = 0; written < bytes.length;) {
      written += stream.writeSync(bytes.subarray(written));
    }
    return true;
  } catch (error) {
    // `tributary ... | head`: the reader has seen enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    return false;
  }
}

function columnsOf(stream: typeof Deno.stdout): number {
  if (!stream.isTerminal()) return COLUMNS_DEFAULT;
  try {
    // A terminal that nobody has given a size says 0.
    return Deno.consoleSize().columns || COLUMNS_DEFAULT;
  } catch {
    // Only standard output, or no terminal at all, can be asked.
    return COLUMNS_DEFAULT;
  }
}

function onStopSignal(handler: (name: string) => void): () => void {
  const names: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  const listeners = names.map((name) => [name, () => handler(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

function onHangup(handler: (meaning: HangupMeaning) => void): () => void {
  const hadTerminal = Deno.stderr.isTerminal();
  const listener = () =>
    handler(hadTerminal && !Deno.stderr.isTerminal() ? "terminal-gone" : "read-again");
  Deno.addSignalListener("SIGHUP", listener);
  return () => Deno.removeSignalListener("SIGHUP", listener);
}
