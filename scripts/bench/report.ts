import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import type { Measurement, Result } from "./measurement.ts";
import { median } from "./statistics.ts";

/** The medians of a contestant's rounds, and the highest peak. */
export interface Summary {
  readonly name: string;
  readonly eventsPerSecond: number;
  /** Events a second as a ratio to the drains beside it. */
  readonly ofDrain: number;
  readonly cpuMicrosPerEvent: number;
  readonly mongodMicrosPerEvent: number;
  readonly peakBytes: number;
}

/** The same where no drain ran beside. */
export type SummaryAlone = Omit<Summary, "ofDrain">;

export function summarize(results: readonly Result[]): Summary[] {
  return results.map(({ name, measurements, ofDrain }) => ({
    ...summarizeAlone(name, measurements),
    ofDrain: median(ofDrain),
  }));
}

export function summarizeAlone(name: string, measurements: readonly Measurement[]): SummaryAlone {
  const medianOf = (field: keyof Measurement) => median(measurements.map((m) => m[field]));
  return {
    name,
    eventsPerSecond: medianOf("eventsPerSecond"),
    cpuMicrosPerEvent: medianOf("cpuMicrosPerEvent"),
    mongodMicrosPerEvent: medianOf("mongodMicrosPerEvent"),
    peakBytes: Math.max(...measurements.map((m) => m.peakBytes)),
  };
}

const COLUMNS: readonly TextColumn[] = [
  { heading: "", align: "left" },
  { heading: "events/s", align: "right" },
  { heading: "CPU us/event", align: "right" },
  { heading: "mongod's", align: "right" },
  { heading: "peak MB", align: "right" },
];

/** The table for people, with the one column that a measure has of its own, before the column at `place`. */
export function usageTable<S extends SummaryAlone>(
  summaries: readonly S[],
  place: number,
  heading: string,
  own: (summary: S) => string,
): string[] {
  const rows = summaries.map((summary) =>
    [
      summary.name,
      grouped(Math.round(summary.eventsPerSecond)),
      summary.cpuMicrosPerEvent.toFixed(1),
      summary.mongodMicrosPerEvent.toFixed(1),
      (summary.peakBytes / 1e6).toFixed(0),
    ].toSpliced(place, 0, own(summary))
  );
  return textTable(COLUMNS.toSpliced(place, 0, { heading, align: "right" }), rows);
}

/** The table of contestants that ran beside the drain. */
export function summaryTable(summaries: readonly Summary[]): string[] {
  return usageTable(summaries, 2, "of the drain", ({ ofDrain }) => ofDrain.toFixed(2));
}

/** One run, for whoever waits for the others. */
export function roundLine(round: number, name: string, measurement: Measurement): string {
  const { eventsPerSecond, cpuMicrosPerEvent, peakBytes, load } = measurement;
  return `round ${round}: ${name}: ${grouped(Math.round(eventsPerSecond))} events/s, ` +
    `${cpuMicrosPerEvent.toFixed(1)} us, ${(peakBytes / 1e6).toFixed(0)} MB, load ${
      load.toFixed(1)
    }`;
}
