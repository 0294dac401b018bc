import { join } from "node:path";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { LakeBucket } from "../demo/lake_bucket.ts";
import type { Backlog } from "./backlog.ts";
import { startChild } from "./child.ts";
import { type Arena, type Contestant, runName } from "./contestant.ts";
import { type Usage, usageOf } from "./process_usage.ts";
import { s3Credentials } from "./tributary_contestant.ts";

const LOOK_MS = 100;
/** A program that has written nothing for so long has finished. */
const QUIET_MS = 10_000;
/** So long it may take to its first object. */
const FIRST_MS_MAX = 120_000;

/**
 * Any other program, as a shell command. It is told by variables where to read and write, and has finished when it ends, or
 * has written nothing for ten seconds. Measured from its start to its last object; CPU and memory are of it and all its
 * children, with what starting costs.
 */
export function createOther(arena: Arena, command: string): Contestant {
  return {
    name: command.length > 30 ? `${command.slice(0, 27)}...` : command,
    async run(backlog) {
      const name = runName();
      const folder = join(arena.folder, name);
      await Deno.mkdir(folder);
      using bucket = new LakeBucket(arena.s3.endpoint, arena.s3.bucket);
      const lastWriteMs = async () =>
        Math.max(
          await newestInFolder(folder),
          ...(await bucket.list(name)).map((o) => o.writtenMs),
        );
      const before = await usageOf(arena.mongodPid);
      const startMs = systemClock.wallMs();
      const child = startChild(
        ["sh", "-c", command],
        variables(arena, backlog, name, folder),
        "stderr",
      );
      const tail = keepTail(child.lines);
      const tree = new ProcessTree(child.pid);
      try {
        const endMs = await untilFinished(child.ended, tree, startMs, lastWriteMs);
        // Times of files are a few milliseconds behind.
        const seconds = Math.max(endMs - startMs, 1) / 1000;
        if (endMs === 0) throw new Error(`"${command}" has written nothing: ${tail.join("\n")}`);
        const after = await usageOf(arena.mongodPid);
        return {
          eventsPerSecond: backlog.events / seconds,
          cpuMicrosPerEvent: tree.cpuMicros / backlog.events,
          peakBytes: tree.peakBytes,
          mongodMicrosPerEvent: (after.cpuMicros - before.cpuMicros) / backlog.events,
          load: Deno.loadavg()[0]!,
        };
      } finally {
        await tree.end();
        await child.stop();
      }
    },
  };
}

/** What the command is told. */
function variables(
  arena: Arena,
  backlog: Backlog,
  prefix: string,
  folder: string,
): Record<string, string> {
  return {
    BENCH_MONGODB_URI: backlog.uri,
    BENCH_DATABASE: backlog.database,
    BENCH_COLLECTION: backlog.collection,
    BENCH_START_TOKEN: backlog.startToken,
    BENCH_EVENTS: String(backlog.events),
    BENCH_FOLDER: folder,
    BENCH_S3_ENDPOINT: arena.s3.endpoint,
    BENCH_S3_BUCKET: arena.s3.bucket,
    BENCH_S3_PREFIX: prefix,
    ...s3Credentials(),
  };
}

/** When the last object was written, once it is clear that there will be no other; 0 if there is none. */
async function untilFinished(
  ended: Promise<unknown>,
  tree: ProcessTree,
  startMs: number,
  lastWriteMs: () => Promise<number>,
): Promise<number> {
  let hasEnded = false;
  ended.then(() => hasEnded = true);
  for (let looks = 1;; looks++) {
    await tree.look();
    if (hasEnded) return await lastWriteMs();
    if (looks % 10 === 0) {
      const lastMs = await lastWriteMs();
      const limitMs = lastMs === 0 ? startMs + FIRST_MS_MAX : lastMs + QUIET_MS;
      if (systemClock.wallMs() > limitMs) return lastMs;
    }
    await sleep(systemClock, LOOK_MS);
  }
}

async function newestInFolder(folder: string): Promise<number> {
  let newest = 0;
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    const written = entry.isDirectory
      ? await newestInFolder(path)
      : (await Deno.stat(path)).mtime?.getTime() ?? 0;
    newest = Math.max(newest, written);
  }
  return newest;
}

const LINES_KEPT = 5;

function keepTail(lines: AsyncIterable<string>): string[] {
  const tail: string[] = [];
  (async () => {
    for await (const line of lines) {
      tail.push(line);
      if (tail.length > LINES_KEPT) tail.shift();
    }
  })();
  return tail;
}

/** A process and all that come from it, looked at again and again: each one's last reading counts. */
class ProcessTree {
  readonly #root: number;
  readonly #usages = new Map<number, Usage>();

  constructor(root: number) {
    this.#root = root;
  }

  get cpuMicros(): number {
    return [...this.#usages.values()].reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);
  }

  get peakBytes(): number {
    return [...this.#usages.values()].reduce((sum, { peakBytes }) => sum + peakBytes, 0);
  }

  async look(): Promise<void> {
    for (const pid of await this.#members()) {
      // It may have ended since it was listed, or never have had memory of its own.
      const usage = await usageOf(pid).catch(() => undefined);
      if (usage !== undefined && !Number.isNaN(usage.peakBytes)) this.#usages.set(pid, usage);
    }
  }

  /** Ends all of them. */
  async end(): Promise<void> {
    for (const pid of (await this.#members()).reverse()) {
      try {
        Deno.kill(pid, "SIGTERM");
      } catch {
        // It has ended.
      }
    }
  }

  async #members(): Promise<number[]> {
    const found = [this.#root];
    for (let i = 0; i < found.length; i++) {
      const path = `/proc/${found[i]}/task/${found[i]}/children`;
      const children = await Deno.readTextFile(path).catch(() => "");
      found.push(...children.split(" ").filter((word) => word !== "").map(Number));
    }
    return found;
  }
}
