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

export function summarize(results: readonly Result[]): Summary[] {
  return results.map(({ name, measurements, ofDrain }) => {
    const medianOf = (field: keyof Measurement) => median(measurements.map((m) => m[field]));
    return {
      name,
      eventsPerSecond: medianOf("eventsPerSecond"),
      ofDrain: median(ofDrain),
      cpuMicrosPerEvent: medianOf("cpuMicrosPerEvent"),
      mongodMicrosPerEvent: medianOf("mongodMicrosPerEvent"),
      peakBytes: Math.max(...measurements.map((m) => m.peakBytes)),
    };
  });
}

const COLUMNS: readonly TextColumn[] = [
  { heading: "", align: "left" },
  { heading: "events/s", align: "right" },
  { heading: "of the drain", align: "right" },
  { heading: "CPU us/event", align: "right" },
  { heading: "mongod's", align: "right" },
  { heading: "peak MB", align: "right" },
];

/** The table for people. */
export function summaryTable(summaries: readonly Summary[]): string[] {
  return textTable(
    COLUMNS,
    summaries.map((summary) => [
      summary.name,
      grouped(Math.round(summary.eventsPerSecond)),
      summary.ofDrain.toFixed(2),
      summary.cpuMicrosPerEvent.toFixed(1),
      summary.mongodMicrosPerEvent.toFixed(1),
      (summary.peakBytes / 1e6).toFixed(0),
    ]),
  );
}
