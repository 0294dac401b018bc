import assert from "node:assert/strict";
import { OPEN_METRICS_CONTENT_TYPE } from "../../../../src/observe/metrics/open_metrics.ts";
import {
  newMonitor,
  objectStored,
  ORDERS,
  readingEvents,
  secondsAgo,
} from "../../../support/monitor.ts";

/** What Rigatoni's dashboard, and the alerts that its guides recommend, look at. */
const LOOKED_AT = [
  "rigatoni_pipeline_status",
  "rigatoni_active_collections",
  "rigatoni_events_processed_total",
  "rigatoni_events_failed_total",
  "rigatoni_batch_size_bucket",
  "rigatoni_destination_write_duration_seconds_bucket",
  "rigatoni_batch_queue_size",
  "rigatoni_retries_total",
  "rigatoni_destination_write_bytes_sum",
  "rigatoni_batches_written_total",
  "rigatoni_destination_write_errors_total",
  "rigatoni_locks_held_total",
  "rigatoni_lock_acquisitions_total",
  "rigatoni_lock_acquisition_failures_total",
  "rigatoni_locks_lost_total",
  "rigatoni_lock_refreshes_total",
  "rigatoni_locks_released_total",
];

function readingMonitor(metricsPrefix: string) {
  const { monitor, clock } = newMonitor({ metricsPrefix });
  monitor.setPhase("running");
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  monitor.pipelineEvent(ORDERS, objectStored("shop", "orders"));
  const highWater = secondsAgo(clock, 2).operationTime;
  const reply = { type: "reply-read", events: 5, bytes: 900, waitMs: 1, highWater } as const;
  monitor.pipelineEvent(ORDERS, reply);
  monitor.destinationFailed("503", true);
  return monitor;
}

Deno.test("addRigatoniMetrics gives each metric that Rigatoni's dashboard and alerts look at", async () => {
  await using monitor = readingMonitor("rigatoni");
  for (const accept of [null, OPEN_METRICS_CONTENT_TYPE]) {
    const { text } = await monitor.metrics(accept);
    const names = new Set(text.match(/^[a-z_]+/gm));
    assert.deepEqual(LOOKED_AT.filter((name) => !names.has(name)), []);
    const families = text.match(/^# TYPE \S+/gm) ?? [];
    assert.equal(families.length, new Set(families).size);
    const value = (name: string) =>
      new RegExp(`^rigatoni_${name}\\{.*\\} (\\S+)$`, "m").exec(text)?.[1];
    assert.equal(value("pipeline_status"), "1");
    assert.equal(value("active_collections"), "1");
    assert.equal(value("batch_queue_size"), "5");
    assert.equal(value("destination_write_bytes_sum"), "500");
    assert.equal(value("destination_write_errors_total"), "1");
  }
  const error = { type: "stream-failed", error: "no", permanent: true, retryMs: 1 } as const;
  monitor.pipelineEvent(ORDERS, error);
  assert.match((await monitor.metrics(null)).text, /^rigatoni_pipeline_status\{.*\} 2$/m);
});

Deno.test("addRigatoniMetrics is for the prefix of Rigatoni alone", async () => {
  await using monitor = readingMonitor("tributary");
  assert.doesNotMatch((await monitor.metrics(null)).text, /pipeline_status|active_collections/);
});
