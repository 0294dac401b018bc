/** A program that is measured: its output line by line, and its end. */
export interface Child {
  readonly pid: number;
  /** Lines of standard error, or of both outputs where `both` was asked for. */
  readonly lines: AsyncIterable<string>;
  readonly ended: Promise<Deno.CommandStatus>;
  /** Ends it, kindly first, and waits. */
  stop(): Promise<Deno.CommandStatus>;
}

/** What every child gets of our environment; the rest might be settings of somebody's. */
const KEPT = ["PATH", "HOME", "TMPDIR", "DENO_DIR", "XDG_CACHE_HOME"];

/** Some hundred thousand lines. */
const UNREAD_CHARS_MAX = 64 * 1024 ** 2;

/** Starts a program whose lines on one of its outputs are read; the other output is thrown away. */
export function startChild(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  readFrom: "stdout" | "stderr",
): Child {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, {
    args,
    clearEnv: true,
    env: { ...keptEnvironment(), ...env },
    stdin: "piped",
    stdout: readFrom === "stdout" ? "piped" : "null",
    stderr: readFrom === "stderr" ? "piped" : "null",
  }).spawn();
  const watchdog = startWatchdog(child.pid);
  let hasEnded = false;
  const ended = child.status.finally(() => {
    hasEnded = true;
    watchdog.kill("SIGKILL");
  });
  return {
    pid: child.pid,
    lines: linesOf(child[readFrom]),
    ended,
    async stop() {
      if (!hasEnded) child.kill("SIGTERM");
      await child.stdin.close().catch(() => {}); // It may have closed it itself.
      return await ended;
    },
  };
}

/**
 * Ends the process when we are gone, however that came: a program that reads a server which is no more would try for
 * ever. Signals meant for our process group pass it by.
 */
function startWatchdog(pid: number): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: ["-c", `trap '' INT TERM HUP; cat > /dev/null; kill -KILL "$0"`, String(pid)],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

function keptEnvironment(): Record<string, string> {
  return Object.fromEntries(
    KEPT.map((name) => [name, Deno.env.get(name) ?? ""]).filter(([, value]) => value !== ""),
  );
}

/** Takes what a program says while nobody reads it: with its pipe full it would wait, and there is nothing to measure. */
function unread(): TransformStream<string, string> {
  const limit = { highWaterMark: UNREAD_CHARS_MAX, size: (text: string) => text.length };
  return new TransformStream<string, string>({}, undefined, limit);
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream()).pipeThrough(unread())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}
