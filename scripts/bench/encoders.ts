import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import { measureBesideDrain, type Scene } from "./beside_drain.ts";
import type { Place } from "./contestant.ts";
import { describeMachine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import { summarize, type Summary } from "./report.ts";
import { median } from "./statistics.ts";
import { batchRowsOf, createTributary, WORKS } from "./tributary_contestant.ts";
import type { RunFacts } from "./tributary_run.ts";

/** How it goes with a number of encoders. */
export interface EncodersSummary extends Summary {
  /** Events that one encoder has done in a second of its work: the median. NaN for the drain, which encodes nothing. */
  readonly encoderEventsPerSecond: number;
}

const ENCODERS = [0, 1, 2, 4];
const ENCODERS_QUICK = [0, 2];

/** One backlog with different numbers of encoders, beside the drain. */
export async function measureEncoders(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  const { shape, events, settings, quick } = options;
  const rates: number[][] = [[]];
  const contestants = async ({ arena, backlog }: Scene) => {
    const found = [];
    for (const encoders of quick ? ENCODERS_QUICK : ENCODERS) {
      const own: number[] = [];
      rates.push(own);
      found.push(
        await createTributary(arena, backlog, {
          command,
          work: { ...WORKS.parquet, name: `ENCODERS=${encoders}` },
          // What encoders have done is said where much is said.
          settings: { ...settings, LOG_LEVEL: "debug", ENCODERS: String(encoders) },
          onRun: (facts) => own.push(encoderRate(facts)),
        }),
      );
    }
    return found;
  };
  const batchRows = batchRowsOf(settings);
  const measured = await measureBesideDrain(options, place, batchRows, contestants);
  const { drainBatchSize, results } = measured;
  const summaries = summarize(results).map((summary, i) => ({
    ...summary,
    encoderEventsPerSecond: median(rates[i]!),
  }));
  const { cores } = describeMachine();
  console.log(["", ...encodersTable(summaries, cores)].join("\n"));
  return { shape, events, cores, drainBatchSize, summaries, rounds: results };
}

/** Events that an encoder has done in a second of its work, as the log says. */
export function encoderRate(facts: Pick<RunFacts, "encodeMs" | "encodedRows">): number {
  return facts.encodedRows / facts.encodeMs * 1000;
}

const COLUMNS: readonly TextColumn[] = [
  { heading: "", align: "left" },
  { heading: "events/s", align: "right" },
  { heading: "of the drain", align: "right" },
  { heading: "one encoder's", align: "right" },
  { heading: "at work", align: "right" },
  { heading: "CPU us/event", align: "right" },
  { heading: "peak MB", align: "right" },
];

/** The table for people. */
export function encodersTable(summaries: readonly EncodersSummary[], cores: number): string[] {
  return [
    `This machine has ${cores} cores for mongod, the S3 server, tributary and its encoders`,
    ...textTable(
      COLUMNS,
      summaries.map((summary) => [
        summary.name,
        grouped(Math.round(summary.eventsPerSecond)),
        summary.ofDrain.toFixed(2),
        ...encoderCells(summary),
        summary.cpuMicrosPerEvent.toFixed(1),
        (summary.peakBytes / 1e6).toFixed(0),
      ]),
    ),
  ];
}

/** An encoder's rate, and how many were at work on average: the rate of all over the rate of one. */
function encoderCells({ eventsPerSecond, encoderEventsPerSecond }: EncodersSummary): string[] {
  if (Number.isNaN(encoderEventsPerSecond)) return ["", ""];
  return [
    grouped(Math.round(encoderEventsPerSecond)),
    (eventsPerSecond / encoderEventsPerSecond).toFixed(2),
  ];
}
