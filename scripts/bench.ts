/**
 * How fast, and at what cost: `deno task bench [options]`, `--help` for the options, docs/performance.md for what it means.
 *
 * Starts a mongod and a MinIO of its own, writes a backlog of change events, and lets the drain (a client that throws the
 * events away, as fast as MongoDB gives them) and tributary read it in alternating rounds. Linux only.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { errorMessage } from "../src/model/errors.ts";
import { systemClock } from "../src/support/clock.ts";
import { type Backlog, type BacklogSize, oplogMegabytes, writeBacklog } from "./bench/backlog.ts";
import type { Arena, Contestant } from "./bench/contestant.ts";
import { bestBatchSize, createDrain } from "./bench/drain_contestant.ts";
import { measureLatency } from "./bench/latency.ts";
import { describeMachine } from "./bench/machine.ts";
import type { Measurement } from "./bench/measurement.ts";
import { type BenchOptions, parseOptions, USAGE } from "./bench/options.ts";
import { createOther } from "./bench/other_contestant.ts";
import { summarize, summaryTable } from "./bench/report.ts";
import { playRounds } from "./bench/rounds.ts";
import { createTributary, WORKS } from "./bench/tributary_contestant.ts";
import { LakeBucket } from "./demo/lake_bucket.ts";
import { SHAPES } from "./load/shapes.ts";
import { type Server, startMinio, startMongod } from "./services.ts";
import { watchLaunchers } from "./services/launchers.ts";
import { LiveLine, standardOutput } from "./terminal/live_line.ts";
import { grouped } from "./terminal/text_table.ts";

const BUCKET = "bench";
const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const GROWTH_EVENTS = [200_000, 2_000_000, 10_000_000];
const GROWTH_ROUNDS_MAX = 3;
/** The default of the setting. */
const BATCH_SIZE = 50_000;
const LATENCY_SECONDS = 30;
const LATENCY_SECONDS_QUICK = 3;

async function bench(options: BenchOptions): Promise<unknown> {
  await using minio = await startMinio();
  using bucket = new LakeBucket(minio.url, BUCKET);
  await bucket.create();
  const folder = await Deno.makeTempDir({ prefix: "tributary-bench-" });
  try {
    const s3 = { endpoint: minio.url, bucket: BUCKET };
    const place = { s3, folder };
    if (options.what === "latency") return await latency(options, place);
    if (options.what === "throughput") return await throughput(options, place);
    const growth = [];
    for (const events of GROWTH_EVENTS) {
      const rounds = Math.min(options.rounds, GROWTH_ROUNDS_MAX);
      growth.push(await throughput({ ...options, events, rounds, works: ["parquet"] }, place));
    }
    return growth;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Place = Omit<Arena, "mongodPid">;

/** All contestants on one backlog, round by round. */
async function throughput(options: BenchOptions, place: Place) {
  const { shape, events } = options;
  const batchRows = Number(options.settings["BATCH_SIZE"] ?? BATCH_SIZE);
  const size = { shape, counted: events, batchRows };
  const oplog = Math.max(1024, oplogMegabytes(size));
  await using mongod = await startMongod({ oplogMegabytes: oplog });
  const backlog = await prepare(mongod, size);
  const arena = { ...place, mongodPid: mongod.pid };
  const batchSize = options.quick ? 5_000 : await bestBatchSize(arena, backlog);
  const drain = await createDrain(arena, backlog, batchSize);
  const others = [
    ...await tributaries(options, arena, backlog),
    ...(options.against === undefined ? [] : [createOther(arena, options.against)]),
  ];
  const results = await playRounds(options.rounds, drain, others, backlog, tell);
  const summaries = summarize(results);
  console.log(
    ["", `${grouped(events)} events, ${SHAPES[shape].description}`, ...summaryTable(summaries)]
      .join("\n"),
  );
  return { shape, events, drainBatchSize: batchSize, summaries, rounds: results };
}

async function prepare(mongod: Server, size: BacklogSize): Promise<Backlog> {
  const line = new LiveLine(standardOutput(), systemClock);
  const backlog = await writeBacklog(
    mongod.url,
    size,
    (written) => line.show(`writing the backlog: ${grouped(written)} changes`),
  );
  line.end();
  return backlog;
}

async function tributaries(
  options: BenchOptions,
  arena: Arena,
  backlog: Backlog,
): Promise<Contestant[]> {
  const contestants = [];
  for (const name of options.works) {
    const work = WORKS[name];
    contestants.push(
      await createTributary(arena, backlog, commandOf(options), work, options.settings),
    );
  }
  return contestants;
}

function commandOf(options: BenchOptions): string[] {
  if (options.program !== undefined) return [options.program, "run"];
  const v8 = options.v8Flags === undefined ? [] : [`--v8-flags=${options.v8Flags}`];
  return [Deno.execPath(), "run", "-A", "--unstable-worker-options", ...v8, MAIN, "run"];
}

function tell(round: number, name: string, measurement: Measurement): void {
  const { eventsPerSecond, cpuMicrosPerEvent, peakBytes, load } = measurement;
  console.log(
    `round ${round}: ${name}: ${grouped(Math.round(eventsPerSecond))} events/s, ` +
      `${cpuMicrosPerEvent.toFixed(1)} us, ${(peakBytes / 1e6).toFixed(0)} MB, load ${
        load.toFixed(1)
      }`,
  );
}

async function latency(options: BenchOptions, place: Place) {
  await using mongod = await startMongod();
  const seconds = options.quick ? LATENCY_SECONDS_QUICK : LATENCY_SECONDS;
  const arena = { ...place, mongodPid: mongod.pid };
  const found = await measureLatency(
    arena,
    mongod.url,
    commandOf(options),
    seconds,
    options.settings,
  );
  console.log(
    `from commit to object, ${found.eventsPerSecond} events/s, BATCH_TIMEOUT=50ms: ` +
      `p50 ${found.p50Ms.toFixed(0)} ms, p99 ${found.p99Ms.toFixed(0)} ms, ` +
      `longest ${found.maxMs.toFixed(0)} ms`,
  );
  return found;
}

/** Each kind of measurement keeps its own place in the file. */
async function save(path: string, key: string, figures: unknown): Promise<void> {
  const old = await Deno.readTextFile(path).catch(() => "{}");
  const all = { ...JSON.parse(old), [key]: figures };
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify(all, undefined, 2) + "\n");
  console.log(`\nwritten to ${path}`);
}

async function main(): Promise<void> {
  if (Deno.args.includes("--help")) return console.log(USAGE);
  const options = parseOptions(Deno.args, (shape) => SHAPES[shape].documentBytes);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => Deno.exit(130));
  }
  watchLaunchers(() => Deno.exit(130));
  const machine = describeMachine();
  const figures = await bench(options);
  const key = options.what === "throughput" ? options.shape : options.what;
  const { settings, program = "deno run main.ts" } = options;
  if (options.output !== undefined) {
    await save(options.output, key, { machine, program, settings, figures });
  }
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  console.error(errorMessage(error));
  Deno.exit(1);
}
