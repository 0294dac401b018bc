import { grouped } from "../terminal/text_table.ts";
import { SHAPES } from "../load/shapes.ts";
import type { Backlog } from "./backlog.ts";
import { measureBesideDrain, type Scene } from "./beside_drain.ts";
import type { Arena, Contestant, Place } from "./contestant.ts";
import { createDrain, FIND } from "./drain_contestant.ts";
import type { BenchOptions } from "./options.ts";
import { summarize, type Summary, summaryTable } from "./report.ts";
import { destinationSettings, sourceSettings, type Work, WORKS } from "./tributary_contestant.ts";
import { rateOf, runTributary } from "./tributary_run.ts";

/** One collection's documents: as a backlog by the drain, by a raw find, and by snapshots of tributary. */
export async function measureSnapshot(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  const { shape, events } = options;
  const contestants = async ({ arena, backlog, batchSize }: Scene) => [
    await createDrain(arena, backlog, batchSize, FIND),
    ...options.works.map((name) => snapshotOf(arena, options, command, WORKS[name])),
  ];
  // All that is in the collection counts.
  const measured = await measureBesideDrain(options, place, 0, contestants);
  const { drainBatchSize, results } = measured;
  const summaries = summarize(results);
  console.log(["", ...snapshotTable(summaries, shape, events), ""].join("\n"));
  return { shape, events, drainBatchSize, summaries, rounds: results };
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
