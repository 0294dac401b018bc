import { Binary, Long, MongoClient, Timestamp } from "mongodb";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { type Server, startMongod } from "../services.ts";
import { textTable } from "../terminal/text_table.ts";
import { numbered } from "./backlog.ts";
import type { Arena, Place } from "./contestant.ts";
import type { BenchOptions } from "./options.ts";
import { type Usage, usageOf } from "./process_usage.ts";
import { destinationSettings, sourceSettings } from "./tributary_contestant.ts";
import { type RunOrder, runTributary } from "./tributary_run.ts";

/** What streams cost where nothing happens. CPU in percent of one core. */
export interface Idle {
  readonly collections: number;
  /** From the start of a program until all streams are open: their journals begin, and are gone on with. */
  readonly beganSeconds: number;
  readonly openedSeconds: number;
  /** From the signal until it has ended. */
  readonly closedSeconds: number;
  readonly seconds: number;
  readonly cpuPercent: number;
  /** At the end. */
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly mongodPercent: number;
  /** What mongod used before anybody read. */
  readonly mongodAlonePercent: number;
}

interface Times {
  readonly settleMs: number;
  readonly watchMs: number;
}

const COLLECTIONS = 200;
/** Idle streams are let wait longer and longer, up to 30 seconds; and the memory of the start is given back by then. */
const TIMES: Times = { settleMs: 50_000, watchMs: 30_000 };
const COLLECTIONS_QUICK = 20;
const TIMES_QUICK: Times = { settleMs: 500, watchMs: 1_000 };

const DATABASE = "bench_idle";

/** How far the oplog is made to reach back. */
const OPLOG_SECONDS = 86_400;

/** Before anybody reads, the server needs less time to settle. */
const SETTLE_ALONE_MS_MAX = 10_000;

/** A stream for each of many collections in which nothing happens. */
export async function measureIdle(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
): Promise<Idle> {
  const usual = options.quick ? COLLECTIONS_QUICK : COLLECTIONS;
  const collections = options.collections?.[0] ?? usual;
  const times = options.quick ? TIMES_QUICK : TIMES;
  await using mongod = await startMongod();
  await createCollections(mongod, collections);
  await ageOplog(mongod);
  const arena = { ...place, mongodPid: mongod.pid };
  const idle = await watchIdle(
    arena,
    {
      command,
      streams: collections,
      settings: {
        ...sourceSettings({ uri: mongod.url, database: DATABASE, collection: "*" }, "now"),
        ...destinationSettings(arena, "s3"),
        MONGODB_COLLECTIONS: "*",
        WATCH_LEVEL: "collection",
        ...options.settings,
      },
    },
    times,
  );
  console.log(["", ...idleTable(idle)].join("\n"));
  return idle;
}

async function createCollections(mongod: Server, count: number): Promise<void> {
  await using client = new MongoClient(mongod.url);
  const database = client.db(DATABASE);
  for (const name of numbered("quiet", count)) await database.createCollection(name);
}

/**
 * Lets time jump on the server, so that its oplog reaches back as far as one in use. Streams write ten heartbeats within
 * the oplog's window; on a server that is some seconds old they would do nothing else.
 */
async function ageOplog(mongod: Server): Promise<void> {
  await using client = new MongoClient(mongod.url);
  const signature = { hash: new Binary(new Uint8Array(20)), keyId: Long.ZERO };
  const t = Math.floor(systemClock.wallMs() / 1000) + OPLOG_SECONDS;
  await client.withSession(async (session) => {
    // Without access control a server believes what clients say of the time.
    session.advanceClusterTime({ clusterTime: new Timestamp({ t, i: 1 }), signature });
    const note = { appendOplogNote: 1, data: { bench: "a day later" } };
    await client.db("admin").command(note, { session });
  });
}

interface IdleOrder {
  readonly command: readonly string[];
  readonly streams: number;
  readonly settings: Readonly<Record<string, string>>;
}

async function watchIdle(arena: Arena, order: IdleOrder, times: Times): Promise<Idle> {
  const { mongodPid } = arena;
  const settleMs = Math.min(times.settleMs, SETTLE_ALONE_MS_MAX);
  const alone = await watch([mongodPid], { ...times, settleMs });
  const began = await timed({ ...order, mongodPid }, () => Promise.resolve());
  let watched: Watched | undefined;
  const opened = await timed({ ...order, mongodPid }, async (pid) => {
    watched = await watch([pid, mongodPid], times);
  });
  const { usages: [own], percents: [cpuPercent, mongodPercent], seconds } = watched!;
  return {
    collections: order.streams,
    beganSeconds: began.openSeconds,
    openedSeconds: opened.openSeconds,
    closedSeconds: opened.closeSeconds,
    seconds,
    cpuPercent: cpuPercent!,
    residentBytes: own!.residentBytes,
    peakBytes: own!.peakBytes,
    mongodPercent: mongodPercent!,
    mongodAlonePercent: alone.percents[0]!,
  };
}

/** Runs the program until `work` is done, which begins when all streams are open. */
async function timed(
  order: RunOrder,
  work: (pid: number) => Promise<void>,
): Promise<{ readonly openSeconds: number; readonly closeSeconds: number }> {
  const startMs = systemClock.monotonicMs();
  let [openMs, doneMs] = [NaN, NaN];
  await runTributary(order, 0, async (pid) => {
    openMs = systemClock.monotonicMs();
    await work(pid);
    doneMs = systemClock.monotonicMs();
  });
  const endMs = systemClock.monotonicMs();
  return { openSeconds: (openMs - startMs) / 1000, closeSeconds: (endMs - doneMs) / 1000 };
}

interface Watched {
  readonly seconds: number;
  /** Of each process at the end. */
  readonly usages: readonly Usage[];
  /** CPU of each, in percent of one core. */
  readonly percents: readonly number[];
}

/** Lets processes settle and then looks at what they use for a while. */
async function watch(pids: readonly number[], { settleMs, watchMs }: Times): Promise<Watched> {
  await sleep(systemClock, settleMs);
  const before = await Promise.all(pids.map(usageOf));
  const startMs = systemClock.monotonicMs();
  await sleep(systemClock, watchMs);
  const usages = await Promise.all(pids.map(usageOf));
  const elapsedMs = systemClock.monotonicMs() - startMs;
  const percents = usages.map((usage, i) => cpuPercent(before[i]!, usage, elapsedMs));
  return { seconds: elapsedMs / 1000, usages, percents };
}

/** CPU between two looks, in percent of one core. */
export function cpuPercent(
  before: Pick<Usage, "cpuMicros">,
  after: Pick<Usage, "cpuMicros">,
  elapsedMs: number,
): number {
  return (after.cpuMicros - before.cpuMicros) / 1000 / elapsedMs * 100;
}

/** The table for people. */
export function idleTable(idle: Idle): string[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  return [
    `${idle.collections} streams: begun in ${idle.beganSeconds.toFixed(1)} s, opened again in ` +
    `${idle.openedSeconds.toFixed(1)} s, closed in ${idle.closedSeconds.toFixed(1)} s`,
    `nothing happens, ${idle.seconds.toFixed(0)} s`,
    ...textTable(
      [
        { heading: "", align: "left" },
        { heading: "CPU %", align: "right" },
        { heading: "MB", align: "right" },
        { heading: "peak MB", align: "right" },
      ],
      [
        [
          "tributary",
          idle.cpuPercent.toFixed(2),
          megabytes(idle.residentBytes),
          megabytes(idle.peakBytes),
        ],
        ["mongod", idle.mongodPercent.toFixed(2)],
        ["mongod before", idle.mongodAlonePercent.toFixed(2)],
      ],
    ),
  ];
}
