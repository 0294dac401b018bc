/** The alert rules and the dashboard: that they speak of metrics there are, and that each alert fires when it should. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  PROCESS_METRICS,
} from "../../src/observe/metrics/metric_table.ts";
import { newMonitor } from "../support/monitor.ts";
import { assertFiring } from "../support/scraped_alerts.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
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
  const used = [
    ...rules.map(({ expr }) => expr),
    ...shown,
    ...dashboard.templating.list.map(
      ({ definition = "" }: { definition?: string }) => definition,
    ),
  ]
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

/** The labels of what an instance shows; Prometheus adds where it was found. */
const ME =
  'pipeline="shop",instance_name="a",instance_id="a-1",job="pods",instance="10.0.0.1:8080"';
const STREAM = `${ME},stream="s"`;

/** What makes each alert fire: series and their values, one a minute; and when to look. */
const FIRING: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
  TributaryInstanceDown: [{
    'up{job="pods",instance="10.0.0.1:8080"}': "1 0x10",
    [`tributary_build_info{${ME}}`]: "1 stale",
    'up{job="pods",instance="10.0.0.2:9000"}': "1 0x10",
  }, "5m"],
  TributaryNoInstance: [{ [`tributary_build_info{${ME}}`]: "1 1 stale" }, "6m"],
  // No fault from outside makes this: a loop turns whatever it waits for, and what stops the process stops its metrics. So a
  // loop that stands still is made up below, and all behind it is real.
  TributaryLoopStuck: [{ [`tributary_loop_turn_age_seconds{${ME}}`]: "1 200+60x10" }, "5m"],
  TributaryLagHigh: [{ [`tributary_replication_lag_seconds{${STREAM}}`]: "400+60x30" }, "20m"],
  TributaryLakeBehind: [{ [`tributary_lake_lag_seconds{${STREAM}}`]: "1000+60x30" }, "20m"],
  TributaryOplogShort: [{
    [`tributary_oplog_headroom_seconds{${STREAM}}`]: "2000x20",
    [`tributary_oplog_window_seconds{${ME}}`]: "10000x20",
  }, "10m"],
  TributaryOplogWindowShort: [{ [`tributary_oplog_window_seconds{${ME}}`]: "80000x100" }, "70m"],
  // As at a start: the first sample that there is says it already.
  TributaryHistoryLost: [{
    [`tributary_lake_gaps{${STREAM}}`]: "1x20",
    [`tributary_lake_voided_objects{${STREAM}}`]: "0x20",
  }, "0m"],
  TributaryStreamFailed: [{
    [`tributary_streams_failing{${ME},permanent="true"}`]: "1x20",
    [`tributary_streams_failing{${ME},permanent="false"}`]: "0x20",
  }, "0m"],
  TributaryDeadLetters: [{ [`tributary_lake_dead_letters{${STREAM}}`]: "3x20" }, "0m"],
  TributaryWriteErrors: [{ [`tributary_write_errors_total{${ME}}`]: "0+2x40" }, "20m"],
  TributaryDependencyDown: [
    { [`tributary_dependency_up{${ME},dependency="redis"}`]: "0x20" },
    "6m",
  ],
  TributaryMemoryFull: [{
    [`tributary_buffered_bytes{${ME}}`]: "95x30",
    [`tributary_memory_budget_bytes{${ME}}`]: "100x30",
  }, "15m"],
  TributaryLockLost: [{ [`tributary_locks_lost_total{${ME}}`]: "1x20" }, "1m"],
  TributaryNoLocksHeld: [{
    [`tributary_locks_held_total{${ME}}`]: "0x20",
    'tributary_locks_held_total{pipeline="shop",instance_id="b-1"}': "0x20",
    // Another pipeline in the same Prometheus is no comfort.
    'tributary_locks_held_total{pipeline="crm",instance_id="c-1"}': "4x20",
  }, "6m"],
  TributaryStreamsPaused: [{ [`tributary_streams_paused{${ME}}`]: "2x1500" }, "1450m"],
};

/** A fleet in good order, which has been through some things. */
const QUIET: Readonly<Record<string, string>> = {
  'up{job="pods",instance="10.0.0.1:8080"}': "1x1500",
  // Somebody else's, which is down; and one of ours that was replaced a while ago.
  'up{job="pods",instance="10.0.0.9:9000"}': "0x1500",
  [`tributary_build_info{${ME},version="2"}`]: "1x1500",
  'tributary_build_info{pipeline="shop",instance_id="a-0",job="pods",instance="10.0.0.8:8080"}':
    "1x20 stale",
  [`tributary_loop_turn_age_seconds{${ME}}`]: "0.5x1500",
  [`tributary_replication_lag_seconds{${STREAM}}`]: "2x1500",
  [`tributary_lake_lag_seconds{${STREAM}}`]: "60x1500",
  [`tributary_resume_token_age_seconds{${STREAM}}`]: "500x1500",
  [`tributary_oplog_headroom_seconds{${STREAM}}`]: "99000x1500",
  [`tributary_oplog_window_seconds{${ME}}`]: "100000x1500",
  // What was lost is accepted, and what failed is mended.
  [`tributary_lake_gaps{${STREAM}}`]: "1x20 0x1480",
  [`tributary_lake_voided_objects{${STREAM}}`]: "2x20 0x1480",
  [`tributary_lake_dead_letters{${STREAM}}`]: "3x20 0x1480",
  [`tributary_lake_losses_accepted{${STREAM}}`]: "0x20 3x1480",
  [`tributary_history_gaps_total{${ME}}`]: "1x1500",
  [`tributary_objects_voided_total{${ME}}`]: "2x1500",
  [`tributary_streams_failing{${ME},permanent="true"}`]: "1x20 0x1480",
  [`tributary_streams_failing{${ME},permanent="false"}`]: "1x1500",
  [`tributary_stream_failures_total{${ME},permanent="true"}`]: "7x1500",
  [`tributary_stream_failures_total{${ME},permanent="false"}`]: "0+1x1500",
  [`tributary_events_failed_total{${ME}}`]: "7x1500",
  [`tributary_write_errors_total{${ME}}`]: "0+1x1500",
  [`tributary_dependency_up{${ME},dependency="redis"}`]: "1x1500",
  [`tributary_buffered_bytes{${ME}}`]: "40x1500",
  [`tributary_memory_budget_bytes{${ME}}`]: "100x1500",
  [`tributary_locks_lost_total{${ME}}`]: "1x1500",
  [`tributary_locks_held_total{${ME}}`]: "3x1500",
  'tributary_locks_held_total{pipeline="shop",instance_id="b-1"}': "0x1500",
  [`tributary_streams_paused{${ME}}`]: "0x1500",
};

Deno.test("each alert fires for its reason, and none in a fleet in good order", async () => {
  assert.deepEqual(Object.keys(FIRING).sort(), rules.map(({ alert }) => alert).sort());
  const firing = Object.entries(FIRING).map(([alert, [series, at]]) =>
    testOf(series, `count(ALERTS{alertname="${alert}", alertstate="firing"})`, at, 1)
  );
  const absent = [{ "up": "1x10" }, 'ALERTS{alertname="TributaryNoInstance"}', "5m"] as const;
  firing.push(testOf(absent[0], `count(${absent[1]})`, absent[2], 1));
  const quiet = testOf(QUIET, `count(ALERTS{alertstate="firing"}) or vector(0)`, "1450m", 0);
  await testRules([...firing, quiet]);
  await withPromtool(async (promtool) => {
    assert.match(
      await promtool("check", "rules", RULES),
      new RegExp(`${rules.length} rules found`),
    );
    const config = `${ROOT}deploy/prometheus/prometheus.yaml`;
    assert.match(await promtool("check", "config", "--syntax-only", config), /is valid/);
  });
});

Deno.test("TributaryLoopStuck fires by what an instance shows whose loop stands still, as long as it can be scraped, and /health fails", async () => {
  const clock = new VirtualClock();
  const loop = { name: "reader of s", lastTurnMs: clock.monotonicMs() };
  const { monitor } = newMonitor({ clock, loops: () => [loop] });
  await using _ = monitor;
  await clock.settle();
  // It holds no lease, which is another alert's.
  const scrape = async () =>
    (await monitor.metrics(null)).text.replaceAll(/^tributary_locks_held_total.*\n/gm, "");
  const scrapes = [await scrape()];
  for (let minute = 1; minute <= 4; minute++) {
    assert.equal(monitor.health().status, minute <= 3 ? "healthy" : "stuck");
    await clock.advance(60_000);
    scrapes.push(await scrape());
  }
  await withPromtool(async (promtool) => {
    // Two minutes are not yet too long, and the alert waits for one more.
    await assertFiring(promtool, { scrapes, minutes: 3 }, []);
    await assertFiring(promtool, { scrapes, minutes: 4 }, ["TributaryLoopStuck"]);
    loop.lastTurnMs = clock.monotonicMs();
    await assertFiring(promtool, { scrapes: [...scrapes, await scrape()], minutes: 5 }, []);
  });
});

Deno.test("what is wrong with one pipeline says nothing of another in the same Prometheus", async () => {
  const other = quietPipeline("crm");
  const tests = Object.entries(FIRING).flatMap(([alert, [wrong, at]]) => {
    const series = { ...other, ...wrong };
    const fires = `count(ALERTS{alertname="${alert}", alertstate="firing"})`;
    const isQuiet = 'count(ALERTS{alertstate="firing", pipeline="crm"}) or vector(0)';
    return [testOf(series, fires, at, 1), testOf(series, isQuiet, at, 0)];
  });
  await testRules(tests);
});

/** Another fleet, in good order from the beginning. */
function quietPipeline(name: string): Record<string, string> {
  const series: Record<string, string> = {};
  for (const [key, values] of Object.entries(QUIET)) {
    // An instance that is gone is none, and a lease that was lost is news at first.
    if (values.endsWith("stale") || key.startsWith("tributary_locks_lost")) continue;
    series[key.replace("shop", name).replace("10.0.0.1", "10.0.0.5")] = values.split(" ").at(-1)!;
  }
  return series;
}

/** Runs promtool's tests of the rules. */
async function testRules(tests: readonly object[]): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const text = { rule_files: [RULES], evaluation_interval: "1m", tests };
  try {
    await Deno.writeTextFile(file, JSON.stringify(text));
    await withPromtool(async (promtool) => {
      assert.match(await promtool("test", "rules", file), /SUCCESS/);
    });
  } finally {
    await Deno.remove(file);
  }
}

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
