import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  PROCESS_METRICS,
} from "../../../src/observe/metrics/metric_table.ts";

/** All names of metrics, without the prefix. */
export const METRIC_NAMES: readonly string[] = [COUNTERS, HISTOGRAMS, GAUGES, PROCESS_METRICS]
  .flatMap((table) => Object.keys(table));
