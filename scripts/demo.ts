/**
 * The tour: MongoDB, the real pipeline and a reader, from nothing to a lake that can be queried, in 20 seconds; the first
 * time, with what is downloaded, in a minute.
 *
 *     deno task demo [--s3] [--seconds 15]
 *
 * Starts its own mongod, streams an order book into `./demo-lake` and compares what arrived with what was written. Ends
 * with 1 where they differ. `--s3` writes to a MinIO of its own first, which takes Go to compile, once, and copies the bucket
 * to `./demo-lake`.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { errorMessage } from "../src/model/errors.ts";
import { systemClock } from "../src/support/clock.ts";
import { SeededRandom } from "../tests/support/seeded_random.ts";
import { LakeBucket } from "./demo/lake_bucket.ts";
import { freeLakeFolder } from "./demo/lake_folder.ts";
import {
  COLLECTION,
  DATABASE,
  OrderBook,
  writeOrderBook,
  writeOrders,
  type Written,
} from "./demo/order_book.ts";
import { type Pipeline, startPipeline } from "./demo/pipeline.ts";
import { QUESTION, readLake } from "./demo/read_lake.ts";
import { readTable, runToEnd } from "./demo/read_table.ts";
import { answerTable, bar, comparison, isComplete, pathLines } from "./demo/report.ts";
import { type Server, startMinio, startMongod } from "./services.ts";
import { findBinary } from "./services/binary.ts";
import { deltaExtension } from "./services/delta_extension.ts";
import { minioBinary } from "./services/install_minio.ts";
import { watchLaunchers } from "./services/launchers.ts";
import { MINIO_ACCESS_KEY, MINIO_REGION, MINIO_SECRET_KEY } from "./services/minio.ts";
import { waitUntil } from "./services/wait_until.ts";
import { LiveLine, standardOutput } from "./terminal/live_line.ts";
import { grouped } from "./terminal/text_table.ts";

/** Orders that are there before tributary begins. */
const ORDERS_BEFORE = 20_000;
const BATCH_TIMEOUT = "2s";
/** How long the lake may take to hold the last event; far more than it needs. */
const ARRIVE_MS_MAX = 60_000;
const SHOW_MS = 250;
const INDENT = "   ";
/** Lines fit a terminal of this width. */
const LINE_MAX = 80;
const BAR_CELLS = 20;
const BUCKET = "demo-lake";
const PREFIX = "exchange/";
/** The status of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const SAME_SIGNAL_MS = 500;

interface Choice {
  readonly s3: boolean;
  readonly durationMs: number;
}

/** The order book, and what of it was there before. */
interface Orders {
  readonly book: OrderBook;
  readonly before: Written;
}

const output = standardOutput();
const isBold = output.isTerminal && Deno.env.get("NO_COLOR") === undefined;

/** The whole tour; whether everything arrived. */
async function tour(choice: Choice, signal: AbortSignal): Promise<boolean> {
  // What the program loads when it runs is downloaded before anything is said: Deno would draw its bar over it.
  await import("../src/app.ts");
  say("tributary streams MongoDB change events into a data lake, each exactly once.");
  const folder = freeLakeFolder(Deno.cwd());
  if (folder !== "demo-lake") say(`./demo-lake is left as it is; this tour uses ./${folder}.`);

  // Beside all that comes before it is needed.
  const extension = deltaExtension().catch(() => undefined); // Without Python DuckDB gets its own.
  if (choice.s3) {
    say("--s3 takes MinIO, compiled with Go where it is not here yet: two minutes.");
    await findBinary(minioBinary);
  }

  step("MongoDB");
  await using mongod = await startMongod();
  say(`a replica set of one on port ${mongod.port}, gone when the tour is over`);
  await using minio = choice.s3 ? await startMinio() : undefined;
  if (minio !== undefined) say(`and an S3 server (MinIO) on port ${minio.port}`);
  signal.throwIfAborted();
  using bucket = minio === undefined ? undefined : new LakeBucket(minio.url, BUCKET);
  await bucket?.create();

  const book = new OrderBook(new SeededRandom(1), systemClock);
  const before = await writeOrders(mongod.url, book, ORDERS_BEFORE);
  say(`with ${grouped(before.snapshot)} orders in it, from before anybody listened`);

  step("tributary");
  const written = await stream(
    { book, before },
    choice,
    settings(mongod, minio, folder),
    mongod.url,
    signal,
  );
  await bucket?.download(PREFIX, folder);

  step(`DuckDB reads ./${folder}`);
  const lake = await readLake(folder);
  say(
    `${grouped(lake.objects)} objects, such as`,
    ...pathLines(lake.example, LINE_MAX - INDENT.length),
    "",
    ...comparison(written, lake),
  );
  if (!isComplete(written, lake)) return false;

  step("How long do orders stay in the book? Only the lake remembers");
  say(...QUESTION.split("\n"), "", ...answerTable(lake));

  step("The lake becomes a table, and nothing is copied");
  return await asTable(written, folder, await extension);
}

/** Makes a Delta table of the lake, and reads it; whether it has everything. */
async function asTable(
  written: Written,
  folder: string,
  extension: string | undefined,
): Promise<boolean> {
  const destination = pathToFileURL(resolve(folder)).href;
  await runToEnd(["table", "build", "all", "--destination", destination]);
  const table = `${folder}/db=${DATABASE}/coll=${COLLECTION}`;
  const { rows, documents } = await readTable(extension, COLLECTION, table);
  const left = written.snapshot + written.insert - written.delete;
  say(
    `tributary table build all --destination file://.../${folder}`,
    "",
    `DuckDB's delta_scan reads ${grouped(rows)} rows, of which ${
      grouped(documents)
    } documents are left;`,
    `MongoDB has ${grouped(left)}.`,
  );
  step("Go on with the duckdb command line");
  say(
    "INSTALL delta; LOAD delta;",
    `CREATE VIEW orders_events AS FROM delta_scan(`,
    `  '${table}');`,
    "SELECT operation, count(*) FROM orders_events GROUP BY ALL;",
    "",
    "tributary table show prints the view of what is left, for eight engines",
  );
  return rows === total(written) && documents === left;
}

/** Runs the pipeline while the order book is written, until all of it has arrived. */
async function stream(
  orders: Orders,
  choice: Choice,
  args: readonly string[],
  uri: string,
  signal: AbortSignal,
): Promise<Written> {
  say(...commandLine(args));
  const pipeline = startPipeline(args);
  try {
    await pipeline.reading;
    await pipeline.before;
    say("", `${grouped(orders.before.snapshot)} orders of before are in the lake, each one row`);
    const seconds = Math.round(choice.durationMs / 1000);
    step(`Orders are placed, filled and removed on a small exchange for ${seconds} seconds`);
    const written = await writeAndWatch(orders, choice, pipeline, uri, signal);
    await pipeline.stop();
    return written;
  } finally {
    if (!pipeline.hasEnded) await pipeline.stop().catch(() => {}); // What went wrong is on its way up.
  }
}

async function writeAndWatch(
  { book, before }: Orders,
  choice: Choice,
  pipeline: Pipeline,
  uri: string,
  signal: AbortSignal,
): Promise<Written> {
  const line = new LiveLine(output, systemClock, INDENT);
  let written = before;
  let shownMs = -Infinity;
  const startMs = systemClock.monotonicMs();
  const show = () => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - shownMs < SHOW_MS) return;
    shownMs = nowMs;
    line.show(progress((nowMs - startMs) / choice.durationMs, written, pipeline));
  };
  await writeOrderBook(uri, {
    durationMs: choice.durationMs,
    clock: systemClock,
    ...{ book, before },
    signal,
    onWritten: (now) => {
      written = now;
      show();
    },
  });
  await waitUntil(systemClock, ARRIVE_MS_MAX, () => {
    show();
    return pipeline.stored.rows >= total(written) || pipeline.hasEnded || signal.aborted ||
      undefined;
  });
  signal.throwIfAborted();
  line.show(progress(1, written, pipeline));
  line.end();
  return written;
}

function progress(fraction: number, written: Written, pipeline: Pipeline): string {
  const { rows, objects } = pipeline.stored;
  return `${bar(fraction, BAR_CELLS)}  written ${grouped(total(written))}` +
    `  in the lake ${grouped(rows)}  objects ${objects}`;
}

function total(written: Written): number {
  return written.snapshot + written.insert + written.update + written.delete;
}

/** The arguments of `tributary run`, by which everything else stays at its default. */
function settings(mongod: Server, minio: Server | undefined, folder: string): string[] {
  const lake = ["--destination", pathToFileURL(resolve(folder)).href];
  const s3 = ["--destination", `s3://${BUCKET}/${PREFIX.slice(0, -1)}`];
  if (minio !== undefined) {
    s3.push("--s3-endpoint", minio.url, "--aws-region", MINIO_REGION);
    Deno.env.set("AWS_ACCESS_KEY_ID", MINIO_ACCESS_KEY);
    Deno.env.set("AWS_SECRET_ACCESS_KEY", MINIO_SECRET_KEY);
  }
  return [
    ...["--mongodb-uri", mongod.url, "--mongodb-database", DATABASE],
    ...["--mongodb-collections", COLLECTION],
    ...(minio === undefined ? lake : s3),
    ...["--batch-timeout", BATCH_TIMEOUT, "--http-address", "none"],
  ];
}

/** The command as one would type it, a setting a line. */
function commandLine(args: readonly string[]): string[] {
  const pairs = Array.from(
    { length: args.length / 2 },
    (_, i) => `  ${args[2 * i]} ${quoted(args[2 * i + 1]!)}`,
  );
  return ["tributary run", ...pairs].map((line, i) => i < pairs.length ? `${line} \\` : line);
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word}'`;
}

let steps = 0;

function step(title: string): void {
  const text = `${++steps}. ${title}`;
  output.write(`\n${isBold ? `\x1b[1m${text}\x1b[0m` : text}\n`);
}

function say(...lines: readonly string[]): void {
  for (const line of lines) output.write(line === "" ? "\n" : `${INDENT}${line}\n`);
}

function parseChoice(): Choice {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      s3: { type: "boolean", default: false },
      seconds: { type: "string", default: "15" },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 3600)) {
    throw new Error(`--seconds is "${values.seconds}" and must be from 1 to 3600`);
  }
  return { s3: values.s3, durationMs: seconds * 1000 };
}

/**
 * Aborted by Ctrl-C, and when what launched us is gone; a second Ctrl-C ends us at once. (One Ctrl-C may come twice: from the
 * terminal, and passed on by `deno task`.)
 */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  const end = () => {
    const nowMs = systemClock.monotonicMs();
    if (controller.signal.aborted) {
      if (nowMs - firstMs > SAME_SIGNAL_MS) Deno.exit(INTERRUPTED);
      return;
    }
    firstMs = nowMs;
    controller.abort(new Error("The tour was stopped"));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(name, end);
  watchLaunchers(end);
  return controller.signal;
}

async function main(): Promise<number> {
  const choice = parseChoice();
  const signal = interruption();
  try {
    return await tour(choice, signal) ? 0 : 1;
  } catch (error) {
    output.write("\n");
    if (!signal.aborted) throw error;
    say("Stopped: the servers are gone, and what is in the lake is whole.");
    return INTERRUPTED;
  }
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(errorMessage(error));
  Deno.exit(1);
}
