import { MongoClient } from "mongodb";
import type { Backlog } from "./backlog.ts";
import type { Arena } from "./contestant.ts";
import { delaysOf, type Latency, summarizeDelays, writeSteadily } from "./latency.ts";
import { median } from "./statistics.ts";
import { destinationSettings, sourceSettings } from "./tributary_contestant.ts";
import { runTributary } from "./tributary_run.ts";

/** What a stream's latency is while documents of another collection are read, and without. */
export interface LatencyBeside {
  readonly alone: readonly Latency[];
  readonly beside: readonly Latency[];
  /** Of the medians of their p99. */
  readonly p99Ratio: number;
}

const BATCH_TIMEOUT = "50ms";
/** Alone as long as a snapshot of a million documents takes, or about. */
const SECONDS_ALONE = 5;
const EVENTS_ALONE_MIN = SECONDS_ALONE * 200;

/** In turn with and without a snapshot, each time in a collection of its own. */
export async function measureLatencyBeside(
  arena: Arena,
  backlog: Backlog,
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
  rounds: number,
): Promise<LatencyBeside> {
  const alone: Latency[] = [];
  const beside: Latency[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const isBeside of [false, true]) {
      const collection = `latency_${round}_${isBeside}`;
      const found = await measureOnce(arena, backlog, command, settings, collection, isBeside);
      (isBeside ? beside : alone).push(found);
      const what = isBeside ? "beside a snapshot" : "alone";
      console.log(
        `from commit to object, ${what}: p50 ${found.p50Ms.toFixed(0)} ms, ` +
          `p99 ${found.p99Ms.toFixed(0)} ms, longest ${found.maxMs.toFixed(0)} ms`,
      );
    }
  }
  const p99 = (of: readonly Latency[]) => median(of.map(({ p99Ms }) => p99Ms));
  return { alone, beside, p99Ratio: p99(beside) / p99(alone) };
}

async function measureOnce(
  arena: Arena,
  backlog: Backlog,
  command: readonly string[],
  overrides: Readonly<Record<string, string>>,
  collection: string,
  isSnapshot: boolean,
): Promise<Latency> {
  await create(backlog, collection);
  const destination = destinationSettings(arena, "s3");
  const watched = isSnapshot ? `${collection},${backlog.collection}` : collection;
  const source = sourceSettings({ ...backlog, collection: watched }, "now");
  const documents = isSnapshot ? { SNAPSHOT: "initial" } : {};
  const settings = { ...source, ...destination, ...documents, BATCH_TIMEOUT, ...overrides };
  const order = { command, mongodPid: arena.mongodPid, isSnapshot, settings };
  const enough = new AbortController();
  let writing: Promise<void> | undefined;
  const facts = await runTributary(
    order,
    isSnapshot ? backlog.counted : EVENTS_ALONE_MIN,
    () => {
      const { uri, database } = backlog;
      writing ??= writeSteadily({ uri, database, collection }, enough.signal);
      // Not waited for: what it writes is to be seen as it comes.
      writing.catch(() => {});
      return Promise.resolve();
    },
  );
  enough.abort();
  await writing;
  const batches = isSnapshot ? facts.others : facts.batches;
  const prefix = destination["DESTINATION"]!.split("/").at(-1)!;
  const place = `${prefix}/db=${backlog.database}/coll=${collection}`;
  return summarizeDelays(await delaysOf(arena, place, batches));
}

async function create({ uri, database }: Backlog, collection: string): Promise<void> {
  await using client = new MongoClient(uri);
  await client.db(database).createCollection(collection);
}
