import { MongoClient } from "mongodb";
import type { Backlog } from "./backlog.ts";
import type { Arena, Place } from "./contestant.ts";
import type { BenchOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { startMongod } from "../services.ts";
import { grouped } from "../terminal/text_table.ts";
import { delaysOf, type Latency, summarizeDelays, writeSteadily } from "./latency.ts";
import { median } from "./statistics.ts";
import { destinationSettings, sourceSettings } from "./tributary_contestant.ts";
import { runTributary } from "./tributary_run.ts";

/** What a stream's latency is while documents of another collection are read, and without. */
export interface LatencyBeside {
  /** Documents of the snapshot. */
  readonly events: number;
  readonly alone: readonly Latency[];
  readonly beside: readonly Latency[];
  /** Of the medians of their p99. */
  readonly p99Ratio: number;
}

const BATCH_TIMEOUT = "50ms";
/** What a backlog leaves there is read by nobody. */
const OPLOG_MEGABYTES = 1024;
/** Those of a second: whatever is read, its stream has a p99. */
const EVENTS_MIN = 200;

/** In turn beside a snapshot and alone, each time in a collection of its own, for as many events. */
export async function measureBeside(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
): Promise<LatencyBeside> {
  const size = { shape: options.shape, counted: options.events, batchRows: 0 };
  await using mongod = await startMongod({ oplogMegabytes: OPLOG_MEGABYTES });
  const backlog = await prepare(mongod, size);
  const arena = { ...place, mongodPid: mongod.pid };
  const alone: Latency[] = [];
  const beside: Latency[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const run = { arena, backlog, command, settings: options.settings };
    const found = await measureOnce(run, `beside_${round}`, undefined);
    beside.push(found);
    tell("beside a snapshot", found);
    alone.push(await measureOnce(run, `alone_${round}`, Math.max(EVENTS_MIN, found.events)));
    tell("alone", alone.at(-1)!);
  }
  const p99 = (of: readonly Latency[]) => median(of.map(({ p99Ms }) => p99Ms));
  const p99Ratio = p99(beside) / p99(alone);
  console.log(`p99 beside a snapshot: ${p99Ratio.toFixed(2)} of that alone`);
  return { events: options.events, alone, beside, p99Ratio };
}

function tell(what: string, { events, p50Ms, p99Ms, maxMs }: Latency): void {
  console.log(
    `from commit to object, ${what}: p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, ` +
      `longest ${maxMs.toFixed(0)} ms of ${grouped(events)} events`,
  );
}

interface Run {
  readonly arena: Arena;
  readonly backlog: Backlog;
  readonly command: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

/** Of a stream, for so many events with snapshots off, or, undefined, for as long as a snapshot is read. Nothing else is another. */
async function measureOnce(
  { arena, backlog, command, settings: overrides }: Run,
  collection: string,
  eventsAlone: number | undefined,
): Promise<Latency> {
  const { uri, database, counted } = backlog;
  await create(uri, database, collection);
  const isSnapshot = eventsAlone === undefined;
  const settings: Record<string, string> = {
    ...sourceSettings({ ...backlog, collection: `${collection},${backlog.collection}` }, "now"),
    ...destinationSettings(arena, "s3"),
    ...{ BATCH_TIMEOUT, ...overrides, SNAPSHOT: isSnapshot ? "initial" : "off" },
  };
  const streams = isSnapshot ? 1 : 2;
  const order = { command, mongodPid: arena.mongodPid, isSnapshot, streams, settings };
  const enough = new AbortController();
  let writing: Promise<void> | undefined;
  const facts = await runTributary(order, eventsAlone ?? counted, () => {
    writing ??= writeSteadily({ uri, database, collection }, enough.signal);
    // Not waited for: what it writes is to be seen as it comes.
    writing.catch(() => {});
    return Promise.resolve();
  });
  enough.abort();
  await writing;
  const prefix = settings["DESTINATION"]!.split("/").at(-1)!;
  const where = `${prefix}/db=${database}/coll=${collection}`;
  return summarizeDelays(
    await delaysOf(arena, where, isSnapshot ? facts.others : facts.batches),
  );
}

async function create(uri: string, database: string, collection: string): Promise<void> {
  await using client = new MongoClient(uri);
  await client.db(database).createCollection(collection);
}
