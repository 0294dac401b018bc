import { join } from "node:path";
import { systemClock } from "../../src/support/clock.ts";
import { freePort } from "./free_port.ts";
import { waitUntil } from "./wait_until.ts";

/** A server that was started for a test, a bench or the tour; disposing of it ends it and removes its folder. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Where its data and its log (`server.log`) are. */
  readonly folder: string;
  /** Of the process that runs now; another one after `restart`. */
  readonly pid: number;
  /** Sends the signal and does not wait; nothing happens if the process has ended. */
  kill(signal: Deno.Signal): void;
  /** Resolves when the process that runs now has ended. */
  exited(): Promise<void>;
  /** Ends the process if it still runs, starts it with the same data and port, and waits until it is ready. */
  restart(): Promise<void>;
}

/** What to run and how to see that it serves. */
export interface ServerSpec {
  readonly name: string;
  readonly binary: string;
  args(port: number, folder: string): readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  url(port: number): string;
  /** One look; a rejection counts as "not yet". */
  isReady(port: number): Promise<boolean>;
  /** A free one is taken where none is given. */
  readonly port?: number;
}

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const PORT_TRIES_MAX = 5;
const LOG_LINES_SHOWN = 5;

/**
 * The process writes its own id before it becomes the server, so that there is no moment in which a server runs that
 * the watchdog does not know.
 */
const LAUNCH = `cd "$0" && echo $$ > server.pid && exec "$@" >> server.log 2>&1 < /dev/null`;

/**
 * Waits for the end of its standard input, which comes with our death, however we die; then ends the server and removes
 * its folder. Signals meant for our process group pass it by.
 */
const WATCHDOG = `trap '' INT TERM HUP
cat > /dev/null
if pid=$(cat "$0/server.pid" 2> /dev/null); then
  kill -KILL "$pid" 2> /dev/null
  n=0
  while kill -0 "$pid" 2> /dev/null && [ $n -lt 20 ]; do sleep 0.1; n=$((n + 1)); done
fi
rm -rf "$0"`;

/** Starts a server in a temporary folder and waits until it is ready. Throws with the end of its log if it does not come up. */
export async function startServer(spec: ServerSpec): Promise<Server> {
  const folder = await Deno.makeTempDir({ prefix: `tributary-${spec.name}-` });
  const watchdog = startWatchdog(folder);
  try {
    for (let tries = 1;; tries++) {
      const port = spec.port ?? freePort();
      const child = launch(spec, port, folder);
      const failure = await untilReady(spec, port, folder, child);
      if (failure === undefined) return new ServerProcess(spec, port, folder, child, watchdog);
      const again = spec.port === undefined && tries < PORT_TRIES_MAX;
      if (!again || !/in use|EADDRINUSE/i.test(await log(folder))) throw new Error(failure);
    }
  } catch (error) {
    await watchdog.end();
    throw error;
  }
}

interface Child {
  readonly pid: number;
  readonly status: Promise<Deno.CommandStatus>;
  ended: boolean;
}

interface Watchdog {
  end(): Promise<void>;
}

function startWatchdog(folder: string): Watchdog {
  const child = new Deno.Command("sh", {
    args: ["-c", WATCHDOG, folder],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async end() {
      await child.stdin.close();
      await child.status;
    },
  };
}

function launch(spec: ServerSpec, port: number, folder: string): Child {
  const process = new Deno.Command("sh", {
    args: ["-c", LAUNCH, folder, spec.binary, ...spec.args(port, folder)],
    env: { HOME: folder, ...spec.env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // Ctrl-C at a terminal is meant for us: the server ends when we are done with it.
    detached: true,
  }).spawn();
  const child: Child = { pid: process.pid, status: process.status, ended: false };
  process.status.then(() => child.ended = true);
  return child;
}

/** Undefined when it is ready, else why it is not; then it does not run any more. */
async function untilReady(
  spec: ServerSpec,
  port: number,
  folder: string,
  child: Child,
): Promise<string | undefined> {
  const ready = await waitUntil(systemClock, READY_MS_MAX, async () => {
    if (child.ended) return "ended" as const;
    return await spec.isReady(port) ? "ready" as const : undefined;
  });
  if (ready === "ready" && !child.ended) return undefined;
  const happened = ready === undefined ? `is not ready after ${READY_MS_MAX} ms` : "ended at once";
  signal(child, "SIGKILL");
  await child.status;
  return `Cannot start ${spec.name} on port ${port}: it ${happened}: ${await logEnd(folder)}`;
}

async function logEnd(folder: string): Promise<string> {
  return (await log(folder)).trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
}

function log(folder: string): Promise<string> {
  return Deno.readTextFile(join(folder, "server.log")).catch(() => "(no log)");
}

function signal(child: Child, name: Deno.Signal): void {
  if (child.ended) return;
  try {
    Deno.kill(child.pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

class ServerProcess implements Server {
  readonly port: number;
  readonly folder: string;
  readonly url: string;
  readonly #spec: ServerSpec;
  readonly #watchdog: Watchdog;
  #child: Child;
  #disposed = false;

  constructor(spec: ServerSpec, port: number, folder: string, child: Child, watchdog: Watchdog) {
    this.port = port;
    this.folder = folder;
    this.url = spec.url(port);
    this.#spec = spec;
    this.#child = child;
    this.#watchdog = watchdog;
  }

  get pid(): number {
    return this.#child.pid;
  }

  kill(name: Deno.Signal): void {
    signal(this.#child, name);
  }

  async exited(): Promise<void> {
    await this.#child.status;
  }

  async restart(): Promise<void> {
    const child = this.#child;
    signal(child, "SIGTERM");
    const stopped = await waitUntil(systemClock, STOP_MS_MAX, () => child.ended || undefined);
    if (stopped === undefined) signal(child, "SIGKILL");
    await child.status;
    this.#child = launch(this.#spec, this.port, this.folder);
    const failure = await untilReady(this.#spec, this.port, this.folder, this.#child);
    if (failure !== undefined) throw new Error(failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    signal(this.#child, "SIGKILL");
    await this.#child.status;
    // The id may belong to somebody else from now on.
    await Deno.remove(join(this.folder, "server.pid"));
    await this.#watchdog.end();
  }
}
