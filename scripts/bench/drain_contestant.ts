import { fileURLToPath } from "node:url";
import type { Backlog } from "./backlog.ts";
import { type Child, startChild } from "./child.ts";
import type { Arena, Contestant } from "./contestant.ts";
import type { DrainAnswer, DrainOrder } from "./drain.ts";
import { type Usage, usageOf } from "./process_usage.ts";

const BATCH_SIZES = [1_000, 2_500, 5_000, 10_000];
const PROGRAM = fileURLToPath(new URL("./drain.ts", import.meta.url));

/** The drain with this batch size. */
export async function createDrain(
  arena: Arena,
  backlog: Backlog,
  batchSize: number,
): Promise<Contestant> {
  // A backlog of nothing costs what starting costs.
  const startup = (await drainOnce(arena, { ...backlog, events: 0, batchSize: 1 })).usage;
  return {
    name: "the drain",
    async run(work) {
      const { answer, usage, mongodCpuMicros } = await drainOnce(arena, { ...work, batchSize });
      return {
        eventsPerSecond: answer.events / answer.seconds,
        cpuMicrosPerEvent: (usage.cpuMicros - startup.cpuMicros) / answer.events,
        peakBytes: usage.peakBytes,
        mongodMicrosPerEvent: mongodCpuMicros / answer.events,
        load: Deno.loadavg()[0]!,
      };
    },
  };
}

/** Enough of a backlog to tell which size is best; all of ten million events would take minutes for each. */
const SEARCH_EVENTS_MAX = 1_000_000;

/** The batch size with which the drain is fastest, one run each. */
export async function bestBatchSize(arena: Arena, backlog: Backlog): Promise<number> {
  const events = Math.min(backlog.events, SEARCH_EVENTS_MAX);
  let best = { batchSize: BATCH_SIZES[0]!, seconds: Infinity };
  for (const batchSize of BATCH_SIZES) {
    const { seconds } = (await drainOnce(arena, { ...backlog, events, batchSize })).answer;
    if (seconds < best.seconds) best = { batchSize, seconds };
  }
  return best.batchSize;
}

interface DrainRun {
  readonly answer: DrainAnswer;
  readonly usage: Usage;
  readonly mongodCpuMicros: number;
}

async function drainOnce(arena: Arena, order: DrainOrder): Promise<DrainRun> {
  const before = await usageOf(arena.mongodPid);
  const command = [Deno.execPath(), "run", "-A", PROGRAM, JSON.stringify(order)];
  const child = startChild(command, {}, "stdout");
  try {
    const answer = await firstLine(child);
    const [usage, after] = await Promise.all([usageOf(child.pid), usageOf(arena.mongodPid)]);
    return {
      answer: JSON.parse(answer) as DrainAnswer,
      usage,
      mongodCpuMicros: after.cpuMicros - before.cpuMicros,
    };
  } finally {
    await child.stop();
  }
}

async function firstLine(child: Child): Promise<string> {
  for await (const line of child.lines) return line;
  throw new Error("The drain ended without an answer");
}
