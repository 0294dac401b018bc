import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { numbered } from "../../../scripts/bench/backlog.ts";
import { encoderRate, encodersTable } from "../../../scripts/bench/encoders.ts";
import { evenBatches } from "../../../scripts/bench/even_batches.ts";
import {
  type FilterRound,
  filtersTable,
  summarizeFilters,
} from "../../../scripts/bench/filters.ts";
import { cpuPercent, idleTable } from "../../../scripts/bench/idle.ts";
import { objectCost, objectsTable } from "../../../scripts/bench/objects.ts";
import { parseOptions } from "../../../scripts/bench/options.ts";
import { ownCommand, startWords } from "../../../scripts/bench/own_command.ts";
import { residentBytesOf } from "../../../scripts/bench/process_usage.ts";
import { roundLine } from "../../../scripts/bench/report.ts";
import { takeTurns } from "../../../scripts/bench/rounds.ts";
import { summarizeTables, tablesTable } from "../../../scripts/bench/tables.ts";
import { streamsTable } from "../../../scripts/bench/streams.ts";
import { batchRowsOf } from "../../../scripts/bench/tributary_contestant.ts";
import { runTributary } from "../../../scripts/bench/tributary_run.ts";
import type { Backlog } from "../../../scripts/bench/backlog.ts";
import { waitUntil } from "../../../scripts/services/wait_until.ts";
import { systemClock } from "../../../src/support/clock.ts";

const ROOT = new URL("../../../", import.meta.url);
const BENCH = fileURLToPath(new URL("scripts/bench.ts", ROOT));

Deno.test("bench measures streams in which nothing happens", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results.json");
    const options = ["--quick", "--idle", "--collections", "3", "--output", output];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", BENCH, ...options],
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { idle } = JSON.parse(await Deno.readTextFile(output));
    const { collections, seconds, cpuPercent, residentBytes, peakBytes, mongodPercent } =
      idle.figures;
    assert.equal(collections, 3);
    assert.ok(seconds > 0 && cpuPercent >= 0 && mongodPercent >= 0, JSON.stringify(idle));
    assert.ok(residentBytes > 1e6 && peakBytes >= residentBytes, JSON.stringify(idle));
    assert.match(idle.program, /^deno run .*--v8-flags=\S+ main\.ts$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bench measures snapshots beside a raw find", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results.json");
    const options = ["--quick", "--snapshot", "--events", "2000", "--output", output];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", BENCH, ...options],
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.match(new TextDecoder().decode(stdout), /a snapshot, .*: \d\.\d\d of the raw find/);
    const { snapshot } = JSON.parse(await Deno.readTextFile(output));
    const { summaries } = snapshot.figures;
    assert.deepEqual(summaries.map(({ name }: { name: string }) => name), [
      ...["the drain", "a raw find", "a snapshot, Parquet + zstd to S3"],
    ]);
    for (const { eventsPerSecond } of summaries) assert.ok(eventsPerSecond > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bench measures the latency of a stream beside a snapshot, and alone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results.json");
    const options = ["--quick", "--beside", "--events", "20000", "--output", output];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", BENCH, ...options],
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { beside: { figures } } = JSON.parse(await Deno.readTextFile(output));
    assert.equal(figures.beside.length, 1);
    // As many as came beside the snapshot, and a batch more at most; at least those of a second.
    assert.ok(figures.alone[0].events >= 200, JSON.stringify(figures));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bench measures what keeping tables costs a backlog", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results.json");
    const options = ["--quick", "--tables", "--events", "2000", "--output", output];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", BENCH, ...options],
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.match(new TextDecoder().decode(stdout), /^no tables .* 1\.000 /m);
    const { tables } = JSON.parse(await Deno.readTextFile(output));
    const { summaries } = tables.figures;
    assert.deepEqual(summaries.map(({ name }: { name: string }) => name), [
      ...["the drain", "no tables", "TABLES=delta", "TABLES=iceberg"],
    ]);
    for (const { eventsPerSecond } of summaries) assert.ok(eventsPerSecond > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tables are compared with the same round without them", () => {
  const result = (name: string, speeds: readonly number[]) => ({
    name,
    measurements: speeds.map((speed, i) => ({ ...measurementOf(speed), peakBytes: (i + 1) * 1e6 })),
    ofDrain: speeds.map(() => 0.5),
  });
  const summaries = summarizeTables(
    [
      result("the drain", [1, 1, 1, 1]),
      result("no tables", [100, 200, 400]),
      result("TABLES=delta", [50, 200, 360]),
    ],
    [[], [0, 0, 0], [3, 9, 4]],
  );
  const lines = tablesTable(summaries);
  assert.match(lines[2]!, /^the drain +1 +0\.50 +1\.0 +3 +4$/);
  assert.match(lines[3]!, /^no tables +200 +0\.50 +1\.000 +1\.0 +2 +3 +0$/);
  assert.match(lines[4]!, /^TABLES=delta +200 +0\.50 +0\.900 +1\.0 +2 +3 +4$/);
});

Deno.test("bench measures what filters of collections cost", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "results.json");
    const options = ["--quick", "--filters", "--events", "100", "--output", output];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", BENCH, ...options],
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { filters } = JSON.parse(await Deno.readTextFile(output));
    const { entries, summaries, rounds } = filters.figures;
    assert.equal(entries, 100);
    assert.equal(rounds.length, summaries.length);
    const own = summaries.filter(({ name }: { name: string }) => name === "tributary's");
    assert.deepEqual(own.map(({ level }: { level: string }) => level), [
      ...["database", "deployment", "database", "deployment"],
    ]);
    for (const { passedOverMicros, deliveredMicros } of own) {
      assert.ok(passedOverMicros >= 0 && deliveredMicros >= 0, JSON.stringify(own));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("summarizeFilters takes the medians, and filtersTable has a row for each form and number", () => {
  const round = { name: "x", names: 11, withRenames: false, level: "database" } as const;
  const rest = { round: 1, seconds: 1, load: 1 };
  const rounds: FilterRound[] = [
    ...[1, 5, 3].map((micros) => ({
      ...{ ...round, ...rest, passedOverMicros: micros, deliveredMicros: 2 * micros },
    })),
    { ...round, ...rest, withRenames: true, passedOverMicros: NaN, deliveredMicros: 9 },
  ];
  const summaries = summarizeFilters(rounds);
  assert.deepEqual(summaries[0], { ...round, passedOverMicros: 3, deliveredMicros: 6 });
  const lines = filtersTable(summaries);
  assert.equal(lines.length, 3);
  assert.match(lines[2]!, /^x +11 +3\.0 \/ 6\.0 +- \/ 9\.0$/);
});

Deno.test("evenBatches fills every batch, whichever way the collections are read", () => {
  const count = fc.integer({ min: 1, max: 300_000 });
  fc.assert(fc.property(
    count,
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 30_000 }),
    (events, collections, rowsMax) => {
      const { perCollection, collectionRows, databaseRows } = evenBatches(
        events,
        collections,
        rowsMax,
      );
      const total = perCollection * collections;
      assert.ok(total >= events);
      assert.equal(perCollection % collectionRows, 0);
      assert.equal(total % databaseRows, 0);
      assert.ok(collectionRows <= rowsMax && databaseRows <= rowsMax);
    },
  ));
  const fifty = { perCollection: 4_000, collectionRows: 4_000, databaseRows: 20_000 };
  assert.deepEqual(evenBatches(200_000, 50, 20_000), fifty);
  const three = { perCollection: 10_000, collectionRows: 5_000, databaseRows: 5_000 };
  assert.deepEqual(evenBatches(30_000, 3, 7_000), three);
});

Deno.test("ownCommand is what the task start runs, in whatever folder", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const { words, text } = await ownCommand({ program: undefined, v8Flags: undefined });
  assert.equal(text, tasks.start);
  const main = fileURLToPath(new URL("main.ts", ROOT));
  const args = tasks.start.split(" ").slice(1, -1);
  assert.deepEqual(words, [Deno.execPath(), ...args, main, "run"]);
  const executable = await ownCommand({ program: "dist/tributary", v8Flags: undefined });
  assert.deepEqual(executable, { words: ["dist/tributary", "run"], text: "dist/tributary" });
});

Deno.test("startWords takes other V8 flags, or none, in place of the task's", () => {
  const task = "deno run -A --v8-flags=--a,--b main.ts";
  assert.equal(startWords(task).join(" "), task);
  assert.equal(startWords(task, "--c").join(" "), "deno run --v8-flags=--c -A main.ts");
  assert.equal(startWords(task, "").join(" "), "deno run -A main.ts");
});

/** A program that writes these lines to its log, and then waits for its end or has one. */
function programOf(entries: readonly Record<string, unknown>[], then: "cat" | "true"): string[] {
  const time = "2026-11-20T12:00:00.000Z";
  const lines = entries.map((entry) => JSON.stringify({ time, level: "info", ...entry }));
  return ["sh", "-c", `printf '%s\\n' "$@" >&2; exec ${then}`, "sh", ...lines];
}

Deno.test("runTributary waits for all streams, and adds up what was encoded", async () => {
  const command = programOf([
    { message: "Change stream opened", stream: "a" },
    { message: "Change stream opened", stream: "a", time: "2026-11-20T12:00:09.000Z" },
    { message: "Batch encoded", rows: 10, encodeMs: 2 },
    { message: "Batch stored", rows: 10, seq: 1 },
    { message: "Tables brought to where the lake is", commits: 2 },
    { message: "Change stream opened", stream: "b" },
    { message: "Batch encoded", rows: 30, encodeMs: 6 },
  ], "cat");
  const pids: number[] = [];
  const facts = await runTributary(
    { command, settings: {}, mongodPid: Deno.pid, streams: 2 },
    10,
    (pid) => Promise.resolve(void pids.push(pid)),
  );
  assert.equal(pids.length, 1);
  assert.equal(facts.openedMs, Date.UTC(2026, 10, 20, 12));
  assert.deepEqual([facts.encodedRows, facts.encodeMs, facts.tableCommits], [10, 2, 2]);
  assert.equal(encoderRate(facts), 5_000);
});

Deno.test("runTributary lets a program go on that says much while nobody reads what", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const through = join(folder, "through");
    const entry = {
      message: "Change stream opened",
      stream: "a",
      time: "2026-11-20T12:00:00.000Z",
    };
    const script = `echo "$0" >&2; yes '{}' | head -c 3000000 >&2; touch "$1"; exec cat`;
    const command = ["sh", "-c", script, JSON.stringify(entry), through];
    let isThrough: boolean | undefined;
    await runTributary({ command, settings: {}, mongodPid: Deno.pid }, 0, async () => {
      const look = async () => (await Deno.stat(through)).isFile;
      isThrough = await waitUntil(systemClock, 30_000, look);
    });
    assert.equal(isThrough, true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("runTributary tells why a program ended before all streams were open", async () => {
  const entries = [
    { message: "Change stream opened", stream: "a" },
    { message: "Stream failed; it will be tried again", level: "error", stream: "b" },
  ];
  const command = programOf(entries, "true");
  await assert.rejects(
    runTributary({ command, settings: {}, mongodPid: Deno.pid, streams: 2 }, 0),
    /ended too early:\n.*Stream failed/,
  );
});

Deno.test("takeTurns runs all in each round", async () => {
  const order: string[] = [];
  const contestant = (name: string) => ({
    name,
    run: () => {
      order.push(name);
      return Promise.resolve(measurementOf(order.length));
    },
  });
  const told: string[] = [];
  const measured = await takeTurns(
    2,
    [contestant("a"), contestant("b")],
    {} as Backlog,
    (round, name) => told.push(`${name}${round}`),
  );
  assert.deepEqual(order, ["a", "b", "a", "b"]);
  assert.deepEqual(told, ["a1", "b1", "a2", "b2"]);
  assert.deepEqual(measured.map((each) => each.map((m) => m.eventsPerSecond)), [[1, 3], [2, 4]]);
});

function measurementOf(eventsPerSecond: number) {
  return {
    eventsPerSecond,
    peakBytes: 3e6,
    cpuMicrosPerEvent: 1,
    mongodMicrosPerEvent: 2,
    load: 0.5,
  };
}

Deno.test("roundLine, streamsTable, encodersTable and idleTable say what was measured", () => {
  const summary = { name: "x", ofDrain: 0.5, ...measurementOf(3_000) };
  assert.equal(
    roundLine(2, "x", measurementOf(1234)),
    "round 2: x: 1,234 events/s, 1.0 us, 3 MB, load 0.5",
  );
  const [, , ofStreams] = streamsTable([{ ...summary, streams: 50, events: 9 }]);
  assert.match(ofStreams!, /^x +50 +3,000 +1\.0 +2\.0 +3$/);
  const [cores, , , ofDrain, ofOne] = encodersTable([
    { ...summary, encoderEventsPerSecond: NaN },
    { ...summary, encoderEventsPerSecond: 2_000 },
  ], 2);
  assert.match(cores!, /2 cores/);
  assert.match(ofDrain!, /^x +3,000 +0\.50 +1\.0 +3$/);
  assert.match(ofOne!, /^x +3,000 +0\.50 +2,000 +1\.50 +1\.0 +3$/);
  const idle = { collections: 7, seconds: 30, residentBytes: 2e6, peakBytes: 4e6 };
  const percents = { cpuPercent: 1.5, mongodPercent: 2.25, mongodAlonePercent: 0.5 };
  const times = { beganSeconds: 3.21, openedSeconds: 2, closedSeconds: 0.5 };
  const lines = idleTable({ ...idle, ...times, ...percents });
  assert.equal(lines[0], "7 streams: begun in 3.2 s, opened again in 2.0 s, closed in 0.5 s");
  assert.match(lines[1]!, /^nothing happens, 30 s$/);
  assert.match(lines[4]!, /^tributary +1\.50 +2 +4$/);
  assert.match(lines[5]!, /^mongod +2\.25$/);
  assert.match(lines[6]!, /^mongod before +0\.50$/);
});

Deno.test("objectCost is what the same events cost more in more objects", () => {
  const cost = objectCost("x", 30, 14);
  assert.equal(cost.objectMs.toFixed(6), "1.000000");
  const [, , line] = objectsTable([cost]);
  assert.match(line!, /^x +30\.0 +14\.0 +1\.00$/);
});

Deno.test("cpuPercent is of one core", () => {
  assert.equal(cpuPercent({ cpuMicros: 1_000_000 }, { cpuMicros: 1_600_000 }, 30_000), 2);
});

Deno.test("residentBytesOf reads /proc", () => {
  assert.equal(residentBytesOf("VmHWM:\t 9 kB\nVmRSS:\t  2048 kB\n"), 2048 * 1024);
});

Deno.test("numbered names collections, and batchRowsOf knows the default", () => {
  assert.deepEqual(numbered("n", 2), ["n_0", "n_1"]);
  assert.equal(batchRowsOf({}), 50_000);
  assert.equal(batchRowsOf({ BATCH_SIZE: "7" }), 7);
});

Deno.test("parseOptions takes one kind of measurement at a time", () => {
  const parse = (...args: string[]) => parseOptions(args, () => 1);
  assert.equal(parse().what, "throughput");
  assert.equal(parse("--grow").what, "growth");
  assert.equal(parse("--objects").what, "objects");
  assert.equal(parse("--tables").what, "tables");
  assert.deepEqual(parse("--streams", "--collections", "5,20").collections, [5, 20]);
  assert.equal(parse("--encoders").collections, undefined);
  assert.throws(() => parse("--idle", "--encoders"), /--idle and --encoders cannot/);
  assert.throws(() => parse("--idle", "--collections", "0"), /--collections is "0"/);
});
