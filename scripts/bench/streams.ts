import { SHAPES } from "../load/shapes.ts";
import { startMongod } from "../services.ts";
import { grouped } from "../terminal/text_table.ts";
import { type BacklogSize, BATCH_BYTES, ENTRY_OVERHEAD_BYTES, oplogMegabytes } from "./backlog.ts";
import type { Place } from "./contestant.ts";
import { evenBatches } from "./even_batches.ts";
import type { BenchOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { roundLine, summarizeAlone, type SummaryAlone, usageTable } from "./report.ts";
import { takeTurns } from "./rounds.ts";
import { createTributary, WORKS } from "./tributary_contestant.ts";

/** A way to read a backlog. */
interface Way {
  readonly name: string;
  readonly streams: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** One backlog, and the ways to read it that are compared. */
interface Comparison {
  readonly size: BacklogSize;
  readonly ways: readonly Way[];
}

export interface StreamsSummary extends SummaryAlone {
  readonly streams: number;
  readonly events: number;
}

const COLLECTIONS = [50, 200];
const COLLECTIONS_QUICK = [4];
const PARTITIONS = 4;
const ROUNDS_MAX = 3;
const ROWS_MAX = 20_000;
/** Partitions are not quite equal: so many batches are to be had from each that the last one matters little. */
const BATCHES_A_PARTITION_MIN = 2;

/** The same number of events in many collections and in one, each read in more ways than one. */
export async function measureStreams(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  const { shape, events } = options;
  const collections = options.collections ?? (options.quick ? COLLECTIONS_QUICK : COLLECTIONS);
  const comparisons = [
    ...collections.map((count) => manyCollections(options, count)),
    partitions(options),
  ];
  const summaries: StreamsSummary[] = [];
  const rounds = [];
  for (const comparison of comparisons) {
    const found = await compare(comparison, options, place, command);
    summaries.push(...found.summaries);
    rounds.push(...found.rounds);
  }
  console.log(
    ["", `${grouped(events)} events, ${SHAPES[shape].description}`, ...streamsTable(summaries)]
      .join("\n"),
  );
  return { shape, events, summaries, rounds };
}

function manyCollections({ shape, events }: BenchOptions, collections: number): Comparison {
  const entryBytes = SHAPES[shape].documentBytes + ENTRY_OVERHEAD_BYTES;
  const rowsMax = Math.min(ROWS_MAX, Math.floor(BATCH_BYTES / 2 / entryBytes));
  const even = evenBatches(events, collections, rowsMax);
  return {
    size: { shape, counted: even.perCollection * collections, batchRows: 0, collections },
    ways: [
      {
        name: `${collections} collections, a stream each`,
        streams: collections,
        settings: {
          MONGODB_COLLECTIONS: "*",
          WATCH_LEVEL: "collection",
          BATCH_SIZE: String(even.collectionRows),
        },
      },
      {
        name: `${collections} collections, one database stream`,
        streams: 1,
        settings: { BATCH_SIZE: String(even.databaseRows) },
      },
    ],
  };
}

/** Partitions do not end together: enough events follow those that count to fill the last batch of each. */
function partitions({ shape, events }: BenchOptions): Comparison {
  const rows = Math.max(
    1,
    Math.floor(Math.min(
      ROWS_MAX / 2,
      BATCH_BYTES / PARTITIONS / SHAPES[shape].documentBytes,
      events / PARTITIONS / BATCHES_A_PARTITION_MIN,
    )),
  );
  const way = (count: number): Way => ({
    name: `one collection, PARTITIONS=${count}`,
    streams: count,
    settings: { PARTITIONS: String(count), BATCH_SIZE: String(rows) },
  });
  return {
    size: { shape, counted: events, batchRows: rows * PARTITIONS },
    ways: [way(1), way(PARTITIONS)],
  };
}

/** A server of its own: else each backlog would have to be read past the ones before it. */
async function compare(
  { size, ways }: Comparison,
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  await using mongod = await startMongod({ oplogMegabytes: Math.max(1024, oplogMegabytes(size)) });
  const backlog = await prepare(mongod, size);
  const arena = { ...place, mongodPid: mongod.pid };
  const contestants = [];
  for (const { name, settings, streams } of ways) {
    const work = { ...WORKS.parquet, name };
    contestants.push(
      await createTributary(arena, backlog, {
        ...{ command, work, streams },
        settings: { ...settings, ...options.settings },
      }),
    );
  }
  const measured = await takeTurns(
    Math.min(options.rounds, ROUNDS_MAX),
    contestants,
    backlog,
    (...round) => console.log(roundLine(...round)),
  );
  const summaries = ways.map(({ name, streams }, i) => ({
    ...summarizeAlone(name, measured[i]!),
    streams,
    events: backlog.events,
  }));
  const rounds = ways.map(({ name }, i) => ({ name, measurements: measured[i]! }));
  return { summaries, rounds };
}

/** The table for people. */
export function streamsTable(summaries: readonly StreamsSummary[]): string[] {
  return usageTable(summaries, 1, "streams", ({ streams }) => String(streams));
}
