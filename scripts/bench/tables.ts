import { SHAPES } from "../load/shapes.ts";
import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import { measureBesideDrain, type Scene } from "./beside_drain.ts";
import type { Place } from "./contestant.ts";
import type { Result } from "./measurement.ts";
import type { BenchOptions } from "./options.ts";
import { summarize, type Summary } from "./report.ts";
import { median } from "./statistics.ts";
import { batchRowsOf, createTributary, WORKS } from "./tributary_contestant.ts";

/** What keeping tables does to a backlog. */
export interface TablesSummary extends Summary {
  /** Events a second as a ratio to the same round without tables: the median. NaN for the drain. */
  readonly ofNone: number;
  readonly medianPeakBytes: number;
  /** Commits to tables in a run: the median. They shall be some, or nothing was measured. */
  readonly commits: number;
}

const NONE = "no tables";

const WAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [NONE]: {},
  "TABLES=delta": { TABLES: "delta" },
  "TABLES=iceberg": { TABLES: "iceberg" },
};

/** A run takes seconds, and with the default no more than its first turn would fall into it. */
const TABLE_INTERVAL = "1s";

/** One backlog without tables and with those of either format, beside the drain. */
export async function measureTables(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  const { shape, events, settings } = options;
  const commits: number[][] = [[]];
  const contestants = async ({ arena, backlog }: Scene) => {
    const found = [];
    for (const [name, tables] of Object.entries(WAYS)) {
      const own: number[] = [];
      commits.push(own);
      found.push(
        await createTributary(arena, backlog, {
          command,
          work: { ...WORKS.parquet, name },
          // What was committed is said where much is said.
          settings: { TABLE_INTERVAL, ...settings, ...tables, LOG_LEVEL: "debug" },
          onRun: ({ tableCommits }) => own.push(tableCommits),
        }),
      );
    }
    return found;
  };
  const batchRows = batchRowsOf(settings);
  const measured = await measureBesideDrain(options, place, batchRows, contestants);
  const { drainBatchSize, results } = measured;
  const summaries = summarizeTables(results, commits);
  const title = `${grouped(events)} events, ${SHAPES[shape].description}`;
  console.log(["", title, ...tablesTable(summaries)].join("\n"));
  return { shape, events, drainBatchSize, summaries, rounds: results };
}

/** `commits`: of each result, a number for each of its rounds. */
export function summarizeTables(
  results: readonly Result[],
  commits: readonly (readonly number[])[],
): TablesSummary[] {
  const none = results.find(({ name }) => name === NONE)?.measurements ?? [];
  return summarize(results).map((summary, i) => {
    const { measurements } = results[i]!;
    // The drain runs more than once in a round.
    const isSameRound = measurements.length === none.length;
    const ratios = none.map(({ eventsPerSecond }, round) =>
      isSameRound ? measurements[round]!.eventsPerSecond / eventsPerSecond : NaN
    );
    return {
      ...summary,
      ofNone: median(ratios),
      medianPeakBytes: median(measurements.map(({ peakBytes }) => peakBytes)),
      commits: median(commits[i]!),
    };
  });
}

const COLUMNS: readonly TextColumn[] = [
  { heading: "", align: "left" },
  { heading: "events/s", align: "right" },
  { heading: "of the drain", align: "right" },
  { heading: "of none", align: "right" },
  { heading: "CPU us/event", align: "right" },
  { heading: "median peak MB", align: "right" },
  { heading: "highest", align: "right" },
  { heading: "commits", align: "right" },
];

/** The table for people. */
export function tablesTable(summaries: readonly TablesSummary[]): string[] {
  return textTable(
    COLUMNS,
    summaries.map((summary) => [
      summary.name,
      grouped(Math.round(summary.eventsPerSecond)),
      summary.ofDrain.toFixed(2),
      Number.isNaN(summary.ofNone) ? "" : summary.ofNone.toFixed(3),
      summary.cpuMicrosPerEvent.toFixed(1),
      (summary.medianPeakBytes / 1e6).toFixed(0),
      (summary.peakBytes / 1e6).toFixed(0),
      Number.isNaN(summary.commits) ? "" : String(summary.commits),
    ]),
  );
}
