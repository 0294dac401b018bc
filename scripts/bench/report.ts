import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import type { Measurement, Result } from "./measurement.ts";
import { median } from "./statistics.ts";

/** The medians of a contestant's rounds. */
export interface Summary {
  readonly name: string;
  readonly eventsPerSecond: number;
  /** Of the events a second of the drain in the same round. */
  readonly ofDrain: number;
  readonly cpuMicrosPerEvent: number;
  readonly mongodMicrosPerEvent: number;
  readonly peakBytes: number;
}

/** Each result beside the drain, which is the first. */
export function summarize(results: readonly Result[]): Summary[] {
  const drain = results[0]?.measurements ?? [];
  return results.map(({ name, measurements }) => {
    const medianOf = (field: keyof Measurement) => median(measurements.map((m) => m[field]));
    const ratios = measurements.map((m, i) => m.eventsPerSecond / drain[i]!.eventsPerSecond);
    return {
      name,
      eventsPerSecond: medianOf("eventsPerSecond"),
      ofDrain: median(ratios),
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
