import process from "node:process";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "../support/clock.ts";
import {
  type CounterName,
  COUNTERS,
  type GaugeName,
  GAUGES,
  type HistogramName,
  HISTOGRAMS,
  PROCESS_METRICS,
} from "./metric_table.ts";

export interface InstrumentOptions {
  /** What all names but those of the process begin with. */
  readonly prefix: string;
  /** The labels of every metric beside its own. */
  readonly everywhere: EverywhereLabels;
  readonly clock: Clock;
}

/**
 * `instance_id` is another one at each start; `instance_name` is INSTANCE_NAME (`instance` is Prometheus' own), and
 * `pipeline` is PIPELINE_NAME, so that two pipelines in one Prometheus are told apart.
 */
export interface EverywhereLabels {
  readonly instance_id: string;
  readonly instance_name: string;
  readonly pipeline: string;
}

/** What is counted, by name without prefix. */
export interface Instruments {
  readonly counters: Readonly<Record<CounterName, Counter>>;
  readonly histograms: Readonly<Record<HistogramName, Histogram>>;
  readonly gauges: Readonly<Record<GaugeName, Gauge>>;
  /** Where further metrics can be added. */
  readonly registers: Registry[];
  /** All metrics in Prometheus' text form; `contentType` goes with it. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Makes every metric of `metric_table.ts`. */
export function createInstruments(options: InstrumentOptions): Instruments {
  const registry = new Registry();
  const registers = [registry];
  registry.setDefaultLabels(options.everywhere);
  const instruments: Instruments = {
    counters: make(COUNTERS, options.prefix, (text) => new Counter({ ...text, registers })),
    histograms: make(
      HISTOGRAMS,
      options.prefix,
      (text) => new Histogram({ ...text, buckets: [...text.buckets], registers }),
    ),
    gauges: make(GAUGES, options.prefix, (text) => new Gauge({ ...text, registers })),
    registers,
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
  addProcessMetrics(registers, options.clock);
  return instruments;
}

type Named<T> = Omit<T, "labels"> & { readonly name: string; readonly labelNames: string[] };

function make<N extends string, T extends { readonly labels: readonly string[] }, M>(
  table: Readonly<Record<N, T>>,
  prefix: string,
  create: (text: Named<T>) => M,
): Record<N, M> {
  const entries = Object.entries<T>(table).map(([name, { labels, ...text }]) =>
    [name, create({ ...text, name: `${prefix}_${name}`, labelNames: [...labels] })] as const
  );
  return Object.fromEntries(entries) as Record<N, M>;
}

/** Asked when somebody reads the metrics, and at no other time. */
function addProcessMetrics(registers: Registry[], clock: Clock): void {
  const startSeconds = clock.wallMs() / 1000 - process.uptime();
  const text = (name: keyof typeof PROCESS_METRICS) => ({
    name,
    help: PROCESS_METRICS[name],
    registers,
  });
  new Counter({
    ...text("process_cpu_seconds_total"),
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    ...text("process_resident_memory_bytes"),
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    ...text("process_heap_bytes"),
    collect() {
      this.set(Deno.memoryUsage().heapUsed);
    },
  });
  new Gauge({ ...text("process_start_time_seconds") }).set(startSeconds);
}
