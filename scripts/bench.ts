/**
 * How fast, and at what cost: `deno task bench [options]`, `--help` for the options, docs/performance.md for what it means.
 *
 * Starts a mongod and a MinIO of its own, writes a backlog of change events, and lets the drain (a client that throws the
 * events away, as fast as MongoDB gives them) and tributary read it in alternating rounds. Linux only.
 */
import { dirname } from "node:path";
import { errorMessage } from "../src/model/errors.ts";
import type { Backlog } from "./bench/backlog.ts";
import type { Arena, Contestant, Place } from "./bench/contestant.ts";
import { measureBesideDrain, type Scene } from "./bench/beside_drain.ts";
import { measureEncoders } from "./bench/encoders.ts";
import { measureFilters } from "./bench/filters.ts";
import { measureIdle } from "./bench/idle.ts";
import { measureLatency } from "./bench/latency.ts";
import { describeMachine } from "./bench/machine.ts";
import { type BenchOptions, parseOptions, USAGE } from "./bench/options.ts";
import { measureObjects } from "./bench/objects.ts";
import { createOther } from "./bench/other_contestant.ts";
import { ownCommand } from "./bench/own_command.ts";
import { summarize, summaryTable } from "./bench/report.ts";
import { measureSnapshot } from "./bench/snapshot.ts";
import { measureBeside } from "./bench/snapshot_latency.ts";
import { measureStreams } from "./bench/streams.ts";
import { measureTables } from "./bench/tables.ts";
import { batchRowsOf, createTributary, WORKS } from "./bench/tributary_contestant.ts";
import { LakeBucket } from "./demo/lake_bucket.ts";
import { SHAPES } from "./load/shapes.ts";
import { startMinio, startMongod } from "./services.ts";
import { watchLaunchers } from "./services/launchers.ts";
import { grouped } from "./terminal/text_table.ts";

const BUCKET = "bench";
const GROWTH_EVENTS = [200_000, 2_000_000, 10_000_000];
const GROWTH_ROUNDS_MAX = 3;
const LATENCY_SECONDS = 30;
const LATENCY_SECONDS_QUICK = 3;

async function bench(options: BenchOptions, command: readonly string[]): Promise<unknown> {
  // mongod alone is measured.
  if (options.what === "filters") return await measureFilters(options);
  await using minio = await startMinio();
  using bucket = new LakeBucket(minio.url, BUCKET);
  await bucket.create();
  const folder = await Deno.makeTempDir({ prefix: "tributary-bench-" });
  try {
    const s3 = { endpoint: minio.url, bucket: BUCKET };
    const place = { s3, folder };
    return await MEASURES[options.what](options, place, command);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const MEASURES = {
  throughput,
  latency,
  growth,
  idle: measureIdle,
  streams: measureStreams,
  encoders: measureEncoders,
  objects: measureObjects,
  snapshot: measureSnapshot,
  beside: measureBeside,
  tables: measureTables,
};

/** Backlogs of different sizes. */
async function growth(options: BenchOptions, place: Place, command: readonly string[]) {
  const rounds = Math.min(options.rounds, GROWTH_ROUNDS_MAX);
  const found = [];
  for (const events of GROWTH_EVENTS) {
    const works = ["parquet" as const];
    found.push(await throughput({ ...options, events, rounds, works }, place, command));
  }
  return found;
}

/** All contestants on one backlog, round by round. */
async function throughput(options: BenchOptions, place: Place, command: readonly string[]) {
  const { shape, events } = options;
  const contestants = async ({ arena, backlog }: Scene) => [
    ...await tributaries(options, arena, backlog, command),
    ...(options.against === undefined ? [] : [createOther(arena, options.against)]),
  ];
  const batchRows = batchRowsOf(options.settings);
  const measured = await measureBesideDrain(options, place, batchRows, contestants);
  const { drainBatchSize, results } = measured;
  const summaries = summarize(results);
  console.log(
    ["", `${grouped(events)} events, ${SHAPES[shape].description}`, ...summaryTable(summaries)]
      .join("\n"),
  );
  return { shape, events, drainBatchSize, summaries, rounds: results };
}

async function tributaries(
  options: BenchOptions,
  arena: Arena,
  backlog: Backlog,
  command: readonly string[],
): Promise<Contestant[]> {
  const { settings } = options;
  const contestants = [];
  for (const name of options.works) {
    contestants.push(
      await createTributary(arena, backlog, { command, work: WORKS[name], settings }),
    );
  }
  return contestants;
}

async function latency(options: BenchOptions, place: Place, command: readonly string[]) {
  await using mongod = await startMongod();
  const seconds = options.quick ? LATENCY_SECONDS_QUICK : LATENCY_SECONDS;
  const arena = { ...place, mongodPid: mongod.pid };
  const found = await measureLatency(
    arena,
    mongod.url,
    command,
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
  const command = await ownCommand(options);
  const figures = await bench(options, command.words);
  const key = options.what === "throughput" ? options.shape : options.what;
  const { settings } = options;
  if (options.output !== undefined) {
    await save(options.output, key, { machine, program: command.text, settings, figures });
  }
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  console.error(errorMessage(error));
  Deno.exit(1);
}
