import assert from "node:assert/strict";
import { toOpenMetrics, wantsOpenMetrics } from "../../../../src/observe/metrics/open_metrics.ts";

Deno.test("toOpenMetrics names families without _total, adds units, and marks the end", () => {
  const text = [
    "# HELP t_bytes_total Bytes of # TYPE things",
    "# TYPE t_bytes_total counter",
    't_bytes_total{a="1"} 5',
    "",
    "# HELP t_held_total A gauge",
    "# TYPE t_held_total gauge",
    "t_held_total 1",
    "",
    "# HELP t_wait_seconds Seconds",
    "# TYPE t_wait_seconds histogram",
    't_wait_seconds_bucket{le="+Inf"} 2',
    "",
  ].join("\n");
  assert.deepEqual(toOpenMetrics(text).split("\n"), [
    "# HELP t_bytes Bytes of # TYPE things",
    "# TYPE t_bytes counter",
    "# UNIT t_bytes bytes",
    't_bytes_total{a="1"} 5',
    "# HELP t_held_total A gauge",
    "# TYPE t_held_total gauge",
    "t_held_total 1",
    "# HELP t_wait_seconds Seconds",
    "# TYPE t_wait_seconds histogram",
    "# UNIT t_wait_seconds seconds",
    't_wait_seconds_bucket{le="+Inf"} 2',
    "# EOF",
    "",
  ]);
});

Deno.test("wantsOpenMetrics knows what Prometheus sends", () => {
  const prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
  assert.ok(wantsOpenMetrics(prometheus));
  assert.ok(!wantsOpenMetrics("text/plain"));
  assert.ok(!wantsOpenMetrics("*/*"));
  assert.ok(!wantsOpenMetrics(null));
});
