/** The alert rules and the dashboard: that they speak of metrics there are, and that each alert fires when it should. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { COUNTERS, GAUGES, HISTOGRAMS, PROCESS_METRICS } from "../../src/observe/metric_table.ts";
import { withPromtool } from "../support/promtool.ts";
import { ROOT } from "../support/tidy/source_file.ts";

const RULES = `${ROOT}deploy/prometheus/alerts.yaml`;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const rules: readonly Rule[] = parse(Deno.readTextFileSync(RULES)).groups[0].rules;

Deno.test("alerts and dashboard speak of metrics that there are", () => {
  const known = new Set([
    ...[...Object.keys(COUNTERS), ...Object.keys(GAUGES)].map((name) => `tributary_${name}`),
    ...Object.keys(HISTOGRAMS).map((name) => `tributary_${name}_bucket`),
    ...Object.keys(PROCESS_METRICS),
  ]);
  const dashboard = JSON.parse(Deno.readTextFileSync(`${ROOT}deploy/grafana/tributary.json`));
  const shown: string[] = dashboard.panels.flatMap((panel: { targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => expr)
  );
  const used = [...rules.map(({ expr }) => expr), ...shown, dashboard.templating.list[1].definition]
    .flatMap((expr) => expr.match(/\b(tributary|process)_\w+/g) ?? []);
  assert.ok(used.length > 50);
  assert.deepEqual([...new Set(used)].filter((name) => !known.has(name)), []);
});

Deno.test("each alert says how bad it is and what to do", () => {
  for (const { alert, labels, annotations } of rules) {
    assert.match(labels.severity, /^(critical|warning|info)$/, alert);
    assert.ok(annotations.summary.length > 10, alert);
    assert.ok(annotations.runbook.length > 100, alert);
  }
});

/** What makes each alert fire: series and their values, one a minute; and when to look. */
const FIRING: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
  TributaryInstanceDown: [{ 'up{job="tributary"}': "1 0x10" }, "5m"],
  TributaryLoopStuck: [{ "tributary_loop_turn_age_seconds": "1 200+60x10" }, "5m"],
  TributaryLagHigh: [{ "tributary_replication_lag_seconds": "400+60x30" }, "20m"],
  TributaryLakeBehind: [{ "tributary_resume_token_age_seconds": "1900+60x30" }, "20m"],
  TributaryOplogShort: [{
    'tributary_oplog_headroom_seconds{instance_id="a",stream="s"}': "2000x20",
    'tributary_oplog_window_seconds{instance_id="a"}': "10000x20",
  }, "10m"],
  TributaryOplogWindowShort: [{ "tributary_oplog_window_seconds": "80000x100" }, "70m"],
  TributaryHistoryLost: [{ "tributary_objects_voided_total": "0 0 3x20" }, "5m"],
  TributaryStreamFailed: [{
    'tributary_stream_failures_total{permanent="true"}': "0 0 1x20",
  }, "5m"],
  TributaryDeadLetters: [{ "tributary_events_failed_total": "0 0 1x20" }, "5m"],
  TributaryWriteErrors: [{ "tributary_write_errors_total": "0+60x40" }, "20m"],
  TributaryDependencyDown: [{ 'tributary_dependency_up{dependency="redis"}': "0x20" }, "6m"],
  TributaryMemoryFull: [{
    "tributary_buffered_bytes": "95x30",
    "tributary_memory_budget_bytes": "100x30",
  }, "15m"],
  TributaryLockLost: [{ "tributary_locks_lost_total": "0 0 1x20" }, "4m"],
  TributaryNoLocksHeld: [{
    'tributary_locks_held_total{job="t",instance_id="a"}': "0x20",
    'tributary_locks_held_total{job="t",instance_id="b"}': "0x20",
  }, "6m"],
  TributaryStreamsPaused: [{ "tributary_streams_paused": "2x1500" }, "1450m"],
};

/** A fleet in good order. */
const QUIET: Readonly<Record<string, string>> = {
  'up{job="tributary"}': "1x1500",
  "tributary_loop_turn_age_seconds": "0.5x1500",
  "tributary_replication_lag_seconds": "2x1500",
  "tributary_resume_token_age_seconds": "500x1500",
  'tributary_oplog_headroom_seconds{instance_id="a",stream="s"}': "99000x1500",
  'tributary_oplog_window_seconds{instance_id="a"}': "100000x1500",
  "tributary_objects_voided_total": "0x1500",
  "tributary_history_gaps_total": "0x1500",
  'tributary_stream_failures_total{permanent="true"}': "0x1500",
  'tributary_stream_failures_total{permanent="false"}': "0+1x1500",
  "tributary_events_failed_total": "7x1500",
  "tributary_write_errors_total": "0+1x1500",
  'tributary_dependency_up{dependency="redis"}': "1x1500",
  "tributary_buffered_bytes": "40x1500",
  "tributary_memory_budget_bytes": "100x1500",
  "tributary_locks_lost_total": "1x1500",
  'tributary_locks_held_total{job="t",instance_id="a"}': "3x1500",
  'tributary_locks_held_total{job="t",instance_id="b"}': "0x1500",
  "tributary_streams_paused": "0x1500",
};

Deno.test("each alert fires for its reason, and none in a fleet in good order", async () => {
  assert.deepEqual(Object.keys(FIRING).sort(), rules.map(({ alert }) => alert).sort());
  const firing = Object.entries(FIRING).map(([alert, [series, at]]) =>
    testOf(series, `count(ALERTS{alertname="${alert}", alertstate="firing"})`, at, 1)
  );
  const quiet = testOf(QUIET, `count(ALERTS{alertstate="firing"}) or vector(0)`, "1450m", 0);
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const text = { rule_files: [RULES], evaluation_interval: "1m", tests: [...firing, quiet] };
  try {
    await Deno.writeTextFile(file, JSON.stringify(text));
    await withPromtool(async (promtool) => {
      assert.match(
        await promtool("check", "rules", RULES),
        new RegExp(`${rules.length} rules found`),
      );
      const config = `${ROOT}deploy/prometheus/prometheus.yaml`;
      assert.match(await promtool("check", "config", "--syntax-only", config), /is valid/);
      assert.match(await promtool("test", "rules", file), /SUCCESS/);
    });
  } finally {
    await Deno.remove(file);
  }
});

function testOf(
  series: Readonly<Record<string, string>>,
  expr: string,
  evalTime: string,
  value: number,
): object {
  return {
    interval: "1m",
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: [{ expr, eval_time: evalTime, exp_samples: [{ labels: "{}", value }] }],
  };
}
