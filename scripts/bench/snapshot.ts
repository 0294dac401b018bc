import { startMongod } from "../services.ts";
import { grouped } from "../terminal/text_table.ts";
import { SHAPES } from "../load/shapes.ts";
import { type Backlog, oplogMegabytes } from "./backlog.ts";
import type { Arena, Contestant, Place } from "./contestant.ts";
import { bestBatchSize, createDrain, FIND } from "./drain_contestant.ts";
import type { BenchOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { roundLine, summarize, type Summary, summaryTable } from "./report.ts";
import { playRounds } from "./rounds.ts";
import { destinationSettings, sourceSettings, type Work, WORKS } from "./tributary_contestant.ts";
import { rateOf, runTributary } from "./tributary_run.ts";

const BATCH_SIZE_QUICK = 5_000;

/** One collection's documents: as a backlog by the drain, by a raw find, and by snapshots of tributary. */
export async function measureSnapshot(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  const { shape, events: counted, quick, rounds } = options;
  // All that is in the collection counts.
  const size = { shape, counted, batchRows: 0 };
  await using mongod = await startMongod({ oplogMegabytes: Math.max(1024, oplogMegabytes(size)) });
  const backlog = await prepare(mongod, size);
  const arena = { ...place, mongodPid: mongod.pid };
  const batchSize = quick ? BATCH_SIZE_QUICK : await bestBatchSize(arena, backlog);
  const drain = await createDrain(arena, backlog, batchSize);
  const contestants = [
    await createDrain(arena, backlog, batchSize, FIND),
    ...options.works.map((name) => snapshotOf(arena, options, command, WORKS[name])),
  ];
  const tell = (...round: Parameters<typeof roundLine>) => console.log(roundLine(...round));
  const results = await playRounds(rounds, drain, contestants, backlog, tell);
  const summaries = summarize(results);
  console.log(["", ...snapshotTable(summaries, shape, counted), ""].join("\n"));
  return { shape, events: counted, drainBatchSize: batchSize, summaries, rounds: results };
}

function snapshotOf(
  arena: Arena,
  { settings }: BenchOptions,
  command: readonly string[],
  work: Work,
): Contestant {
  const order = (backlog: Backlog) => ({
    ...{ command, mongodPid: arena.mongodPid, isSnapshot: true },
    settings: {
      ...sourceSettings(backlog, "now"),
      ...destinationSettings(arena, work.to),
      ...{ SNAPSHOT: "initial", ...work.settings, ...settings },
    },
  });
  return {
    name: `a snapshot, ${work.name}`,
    async run(backlog) {
      const { counted } = backlog;
      const facts = await runTributary(order(backlog), counted);
      return {
        eventsPerSecond: rateOf(facts, counted),
        // With what starting costs, for nothing comes before a snapshot.
        cpuMicrosPerEvent: facts.usage.cpuMicros / counted,
        peakBytes: facts.usage.peakBytes,
        mongodMicrosPerEvent: facts.mongodCpuMicros / counted,
        load: Deno.loadavg()[0]!,
      };
    },
  };
}

/** The table for people, and what part of the raw find each snapshot is. */
export function snapshotTable(
  summaries: readonly Summary[],
  shape: BenchOptions["shape"],
  counted: number,
): string[] {
  const [, find, ...snapshots] = summaries;
  const shares = snapshots.map(({ name, eventsPerSecond }) =>
    `${name}: ${(eventsPerSecond / find!.eventsPerSecond).toFixed(2)} of the raw find`
  );
  return [
    `${grouped(counted)} documents, ${SHAPES[shape].description}`,
    ...summaryTable(summaries),
    ...shares,
  ];
}
