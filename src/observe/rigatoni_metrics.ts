import { Counter, Gauge, type Registry } from "prom-client";
import type { ProcessingStatus } from "./health.ts";
import type { Instruments } from "./instruments.ts";
import type { StreamFacts } from "./stream_board.ts";

/** The prefix under which dashboards and alerts of Rigatoni look for metrics. */
export const RIGATONI_PREFIX = "rigatoni";

export interface RigatoniSources {
  readonly counters: Instruments["counters"];
  readonly streams: () => readonly StreamFacts[];
  readonly processing: () => ProcessingStatus;
}

/** Of more streams those with the most events in them are shown. */
const STREAMS_MAX = 1000;

/**
 * The metrics that Rigatoni's dashboard and alerts use and that go by other names here. The sum of its histogram of
 * written bytes is a series of its own: a histogram of this name would stand in the way of our counter in OpenMetrics.
 */
export function addRigatoniMetrics(registers: Registry[], sources: RigatoniSources): void {
  const { counters, streams, processing } = sources;
  const named = (name: string, help: string, ...labelNames: string[]) => ({
    ...{ name: `${RIGATONI_PREFIX}_${name}`, help, labelNames, registers },
  });
  new Gauge({
    ...named("pipeline_status", "0: starts or stops, 1: runs, 2: all streams have failed."),
    collect() {
      this.set(STATUS_CODES[processing()]);
    },
  });
  new Gauge({
    ...named("active_collections", "As active_streams."),
    collect() {
      this.set(streams().filter(({ condition }) => condition === "running").length);
    },
  });
  new Gauge({
    ...named("batch_queue_size", "As buffered_events, of each stream.", "collection"),
    collect() {
      this.reset();
      const most = [...streams()].sort((a, b) => b.bufferedEvents - a.bufferedEvents);
      for (const { name, bufferedEvents } of most.slice(0, STREAMS_MAX)) {
        this.set({ collection: name }, bufferedEvents);
      }
    },
  });
  new Gauge({
    ...named("destination_write_bytes_sum", "As destination_write_bytes_total."),
    async collect() {
      this.set(await valueOf(counters.destination_write_bytes_total));
    },
  });
  new Counter({
    ...named("destination_write_errors_total", "As write_errors_total."),
    async collect() {
      this.reset();
      this.inc(await valueOf(counters.write_errors_total));
    },
  });
}

const STATUS_CODES: Readonly<Record<ProcessingStatus, 0 | 1 | 2>> = {
  starting: 0,
  stopping: 0,
  running: 1,
  standby: 1,
  failed: 2,
};

/** Of all its labels. */
async function valueOf(counter: Counter): Promise<number> {
  return (await counter.get()).values.reduce((sum, { value }) => sum + value, 0);
}
