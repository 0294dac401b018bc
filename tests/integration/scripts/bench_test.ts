import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Backlog } from "../../../scripts/bench/backlog.ts";
import { parseOptions } from "../../../scripts/bench/options.ts";
import { cpuMicrosOf, peakBytesOf, usageOf } from "../../../scripts/bench/process_usage.ts";
import { summarize, summaryTable } from "../../../scripts/bench/report.ts";
import { playRounds } from "../../../scripts/bench/rounds.ts";
import { median, percentile } from "../../../scripts/bench/statistics.ts";
import { waitUntil } from "../../../scripts/services/wait_until.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { rateOf } from "../../../scripts/bench/tributary_run.ts";

const BENCH = fileURLToPath(new URL("../../../scripts/bench.ts", import.meta.url));

async function runBench(args: readonly string[]): Promise<{ figures: unknown; text: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results.json");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", BENCH, "--quick", "--output", output, ...args],
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, text);
    return { figures: JSON.parse(await Deno.readTextFile(output)), text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("bench measures the drain, each work and another program, and writes the figures", async () => {
  const { figures, text } = await runBench([
    ...["--shape", "updates", "--events", "2000", "--works", "parquet,jsonl-gzip"],
    ...["--set", "BATCH_SIZE=1000"],
    ...["--against", `echo "$BENCH_EVENTS" > "$BENCH_FOLDER/events"; sleep 0.5`],
  ]);
  const { updates } = figures as { updates: { figures: { summaries: Record<string, unknown>[] } } };
  const { summaries } = updates.figures;
  assert.deepEqual(summaries.map(({ name }) => name), [
    "the drain",
    "Parquet + zstd to S3",
    "JSON Lines + gzip to S3",
    `echo "$BENCH_EVENTS" > "$BE...`,
  ]);
  for (const { eventsPerSecond, ofDrain, peakBytes } of summaries) {
    assert.ok(Number(eventsPerSecond) > 0 && Number(ofDrain) > 0 && Number(peakBytes) > 0, text);
  }
  assert.match(text, /^the drain .* 1\.00 /m);
});

Deno.test("bench measures the time from commit to object", async () => {
  const { figures } = await runBench(["--latency"]);
  const { latency } = figures as { latency: { figures: Record<string, number> } };
  const { events, p50Ms, p99Ms } = latency.figures;
  assert.equal(events, 600);
  assert.ok(p50Ms! >= 0 && p99Ms! >= p50Ms!, `${p50Ms} ${p99Ms}`);
});

Deno.test("parseOptions holds backlogs of large documents, unless told otherwise", () => {
  const bytes = () => 20_000;
  assert.equal(parseOptions([], bytes).events, 25_000);
  assert.equal(parseOptions(["--events", "70000"], bytes).events, 70_000);
  assert.equal(parseOptions(["--quick"], () => 1).events, 50_000);
});

Deno.test("parseOptions names the flag that is wrong", () => {
  const bytes = () => 1;
  assert.throws(() => parseOptions(["--rounds", "0"], bytes), /--rounds is "0"/);
  assert.throws(() => parseOptions(["--shape", "round"], bytes), /--shape is "round"/);
  assert.throws(() => parseOptions(["--works", "parquet,x"], bytes), /--works is "x"/);
  assert.throws(() => parseOptions(["--set", "lower=1"], bytes), /--set is "lower=1"/);
  assert.deepEqual(parseOptions(["--set", "A=b=c"], bytes).settings, { A: "b=c" });
});

Deno.test("median and percentile lie between neighbours", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(percentile([10, 20, 30, 40, 50], 1), 50);
  assert.equal(percentile([10, 20, 30, 40, 50], 0.9), 46);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("rateOf counts to the batch that holds the last event that counts", () => {
  const facts = {
    openedMs: 1000,
    batches: [
      { seq: 1, rows: 100, storedMs: 2000 },
      { seq: 2, rows: 100, storedMs: 3000 },
      { seq: 3, rows: 7, storedMs: 9000 },
    ],
  };
  assert.equal(rateOf(facts, 100), 100);
  assert.equal(rateOf(facts, 101), 100);
  assert.throws(() => rateOf(facts, 208), /Only 207 of 208/);
});

function measurementOf(eventsPerSecond: number, peakBytes = 0) {
  return { eventsPerSecond, peakBytes, cpuMicrosPerEvent: 1, mongodMicrosPerEvent: 2, load: 0 };
}

Deno.test("playRounds compares each run with the drains before and after it", async () => {
  const speeds = [100, 50, 300, 80, 100, 200, 20, 200, 60, 40];
  const next = () => Promise.resolve(measurementOf(speeds.shift()!));
  const contestant = (name: string) => ({ name, run: next });
  const [drain, a, b] = await playRounds(
    2,
    contestant("the drain"),
    [contestant("a"), contestant("b")],
    {} as Backlog,
    () => {},
  );
  assert.deepEqual(drain!.measurements.map((m) => m.eventsPerSecond), [
    100,
    300,
    100,
    200,
    200,
    40,
  ]);
  assert.deepEqual(a!.ofDrain, [50 / 200, 20 / 200]);
  assert.deepEqual(b!.ofDrain, [80 / 200, 60 / 120]);
});

Deno.test("summarize takes medians, and the highest peak", () => {
  const measurements = [measurementOf(50, 5e6), measurementOf(180, 9e6), measurementOf(100, 4e6)];
  const [summary] = summarize([{ name: "ours", measurements, ofDrain: [0.5, 0.9, 0.25] }]);
  assert.deepEqual(summary, {
    name: "ours",
    eventsPerSecond: 100,
    ofDrain: 0.5,
    cpuMicrosPerEvent: 1,
    mongodMicrosPerEvent: 2,
    peakBytes: 9e6,
  });
  assert.match(summaryTable([summary!])[2]!, /^ours +100 +0\.50 +1\.0 +2\.0 +9$/);
});

Deno.test("startChild's programs end with whoever started them", async () => {
  const module = new URL("../../../scripts/bench/child.ts", import.meta.url).href;
  const code = `import { startChild } from "${module}";
    console.log(startChild(["sleep", "1000"], {}, "stdout").pid);`;
  const starter = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", code],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = starter.stdout.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value));
  assert.ok(pid > 1);
  starter.kill("SIGKILL");
  await starter.status;
  await reader.cancel();
  const gone = await waitUntil(systemClock, 30_000, () => isRunning(pid) ? undefined : true);
  assert.ok(gone, `${pid} still runs`);
});

function isRunning(pid: number): boolean {
  try {
    // What has ended and was not waited for is a zombie.
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("cpuMicrosOf and peakBytesOf read /proc, whatever a program is called", async () => {
  const stat = `7 (a ) b) S ${Array.from({ length: 10 }, (_, i) => i).join(" ")} 150 25 0 0`;
  assert.equal(cpuMicrosOf(stat), 1_750_000);
  assert.equal(peakBytesOf("VmPeak:\t 9 kB\nVmHWM:\t  2048 kB\n"), 2048 * 1024);
  assert.ok((await usageOf(Deno.pid)).peakBytes > 1_000_000);
});
