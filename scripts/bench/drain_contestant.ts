import { fileURLToPath } from "node:url";
import type { Backlog } from "./backlog.ts";
import { type Child, startChild } from "./child.ts";
import type { Arena, Contestant } from "./contestant.ts";
import type { DrainAnswer, DrainOrder } from "./drain.ts";
import { type Usage, usageOf } from "./process_usage.ts";

const BATCH_SIZES = [1_000, 2_500, 5_000, 10_000];
/** A program that reads all there is and throws it away. */
export interface Reader {
  readonly name: string;
  readonly program: string;
}

const program = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const DRAIN: Reader = { name: "the drain", program: program("./drain.ts") };

/** Reads the collection in place of its changes. */
export const FIND: Reader = { name: "a raw find", program: program("./find.ts") };

/** The drain, or another reader, with this batch size. */
export async function createDrain(
  arena: Arena,
  backlog: Backlog,
  batchSize: number,
  reader: Reader = DRAIN,
): Promise<Contestant> {
  // A backlog of nothing costs what starting costs.
  const startup = (await readOnce(arena, { ...backlog, events: 0, batchSize: 1 }, reader)).usage;
  return {
    name: reader.name,
    async run(work) {
      const run = await readOnce(arena, { ...work, batchSize }, reader);
      const { answer, usage, mongodCpuMicros } = run;
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
    const { seconds } = (await readOnce(arena, { ...backlog, events, batchSize }, DRAIN)).answer;
    if (seconds < best.seconds) best = { batchSize, seconds };
  }
  return best.batchSize;
}

interface DrainRun {
  readonly answer: DrainAnswer;
  readonly usage: Usage;
  readonly mongodCpuMicros: number;
}

async function readOnce(
  arena: Arena,
  order: DrainOrder,
  { program }: Reader,
): Promise<DrainRun> {
  const before = await usageOf(arena.mongodPid);
  const command = [Deno.execPath(), "run", "-A", program, JSON.stringify(order)];
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
