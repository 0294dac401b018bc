import { DuckDBInstance } from "@duckdb/node-api";
import { MongoClient } from "mongodb";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { LakeBucket } from "../demo/lake_bucket.ts";
import { Changes } from "../load/changes.ts";
import { SHAPES } from "../load/shapes.ts";
import type { Arena } from "./contestant.ts";
import { percentile } from "./statistics.ts";
import { destinationSettings, sourceSettings } from "./tributary_contestant.ts";
import { runTributary, type StoredBatch } from "./tributary_run.ts";

export interface Latency {
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const EVENTS_PER_SECOND = 200;
/** Nothing is read beside the stream, or it would not compare with older figures. */
const LATENCY_SETTINGS = { BATCH_TIMEOUT: "50ms", SNAPSHOT: "off" };
const PLACE = { database: "bench", collection: "latency" };

/**
 * The time from MongoDB's own wall clock reading of a change to the log line that says that its object is stored, over
 * a steady stream of inserts.
 */
export async function measureLatency(
  arena: Arena,
  uri: string,
  command: readonly string[],
  seconds: number,
  overrides: Readonly<Record<string, string>>,
): Promise<Latency> {
  const destination = destinationSettings(arena, "s3");
  const prefix = destination["DESTINATION"]!.split("/").at(-1)!;
  const source = sourceSettings({ uri, ...PLACE }, "now");
  const events = seconds * EVENTS_PER_SECOND;
  let writing: Promise<void> | undefined;
  const facts = await runTributary(
    {
      command,
      mongodPid: arena.mongodPid,
      settings: { ...source, ...destination, ...LATENCY_SETTINGS, ...overrides },
    },
    events,
    () => {
      writing ??= writeSteadily({ uri, ...PLACE }, undefined, events);
      // Not waited for: what it writes is to be seen as it comes. A failure shows below.
      writing.catch(() => {});
      return Promise.resolve();
    },
  );
  await writing;
  return summarizeDelays(await delaysOf(arena, prefix, facts.batches));
}

/** Inserts one by one, evenly spaced: so many, or until it is enough. */
export async function writeSteadily(
  place: { readonly uri: string; readonly database: string; readonly collection: string },
  enough?: AbortSignal,
  events = Infinity,
): Promise<void> {
  await using client = new MongoClient(place.uri);
  const collection = client.db(place.database).collection(place.collection);
  const changes = new Changes(SHAPES.typical, SHAPES.typical, new SeededRandom(1));
  const startMs = systemClock.monotonicMs();
  for (let i = 0; i < events && enough?.aborted !== true; i++) {
    await sleep(
      systemClock,
      startMs + i * 1000 / EVENTS_PER_SECOND - systemClock.monotonicMs(),
    );
    await collection.bulkWrite(changes.take(1));
  }
}

/**
 * How long each event took that lies in the bucket under a prefix. An object's name ends with the number of its record, by which
 * the log names the batch; what the log did not come to is left out.
 */
export async function delaysOf(
  { s3, folder: all }: Pick<Arena, "s3" | "folder">,
  prefix: string,
  batches: readonly StoredBatch[],
): Promise<number[]> {
  using bucket = new LakeBucket(s3.endpoint, s3.bucket);
  const folder = `${all}/${prefix}`;
  await bucket.download(`${prefix}/`, folder);
  const storedMs = new Map(batches.map(({ seq, storedMs }) => [seq, storedMs]));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT regexp_extract(filename, '-(\\d+)-\\d+\\.parquet$', 1)::INT, epoch_ms(wall_time)
       FROM read_parquet('${folder}/**/*.parquet', filename = true) WHERE wall_time IS NOT NULL`,
    );
    return reader.getRowsJS()
      .map(([seq, wallMs]) => (storedMs.get(Number(seq)) ?? NaN) - Number(wallMs))
      .filter((ms) => !Number.isNaN(ms));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export function summarizeDelays(delaysMs: readonly number[]): Latency {
  return {
    events: delaysMs.length,
    eventsPerSecond: EVENTS_PER_SECOND,
    p50Ms: percentile(delaysMs, 0.5),
    p99Ms: percentile(delaysMs, 0.99),
    maxMs: percentile(delaysMs, 1),
  };
}
