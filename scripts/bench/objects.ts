import { compressionsOf, type Format, FORMAT_NAMES } from "../../src/model/format.ts";
import { SHAPES } from "../load/shapes.ts";
import { startMongod } from "../services.ts";
import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import { oplogMegabytes } from "./backlog.ts";
import type { Place } from "./contestant.ts";
import type { BenchOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { roundLine } from "./report.ts";
import { takeTurns } from "./rounds.ts";
import { median } from "./statistics.ts";
import { createTributary } from "./tributary_contestant.ts";

/** What the same events cost in many small objects and in few, in microseconds an event. */
export interface ObjectCost {
  readonly name: string;
  readonly small: number;
  readonly large: number;
  /** CPU milliseconds of an object beside its rows. */
  readonly objectMs: number;
}

const COLLECTIONS = 200;
/** Events lie in runs of so many of one collection (`backlog.ts`), so no object of a full batch has fewer. */
const ROWS_SMALL = 50;
const ROWS_LARGE = 250;
const ROUNDS_MAX = 3;
/** Batches of the larger objects shall end by their rows. */
const BATCH_BYTES = "128MiB";
const MEMORY_BUDGET = "512MiB";

/** What an object costs beside its rows: one database stream of many collections, with objects of two sizes. */
export async function measureObjects(
  options: BenchOptions,
  place: Place,
  command: readonly string[],
) {
  const { shape } = options;
  const collections = options.collections?.[0] ?? COLLECTIONS;
  const each = collections * ROWS_LARGE;
  const counted = Math.max(1, Math.round(options.events / each)) * each;
  const size = { shape, counted, batchRows: 0, collections };
  await using mongod = await startMongod({ oplogMegabytes: Math.max(1024, oplogMegabytes(size)) });
  const backlog = await prepare(mongod, size);
  const arena = { ...place, mongodPid: mongod.pid };
  const encodings = encodingsOf(options.quick);
  const contestants = [];
  for (const { name, settings } of encodings) {
    for (const rows of [ROWS_SMALL, ROWS_LARGE]) {
      const work = { name: `${name}, ${rows} rows an object`, to: "s3", settings } as const;
      const batches = { BATCH_SIZE: String(rows * collections), BATCH_BYTES, MEMORY_BUDGET };
      contestants.push(
        await createTributary(arena, backlog, {
          ...{ command, work, settings: { ...batches, ...options.settings } },
        }),
      );
    }
  }
  const measured = await takeTurns(
    Math.min(options.rounds, ROUNDS_MAX),
    contestants,
    backlog,
    (...round) => console.log(roundLine(...round)),
  );
  const micros = (i: number) => median(measured[i]!.map((m) => m.cpuMicrosPerEvent));
  const costs = encodings.map(({ name }, i) => objectCost(name, micros(2 * i), micros(2 * i + 1)));
  const title = `${grouped(counted)} events of ${collections} collections in one stream, ` +
    SHAPES[shape].description;
  console.log(["", title, ...objectsTable(costs)].join("\n"));
  const rounds = contestants.map(({ name }, i) => ({ name, measurements: measured[i]! }));
  return { shape, events: counted, collections, costs, rounds };
}

/** Every event is in as many more objects in the one run than in the other. */
export function objectCost(name: string, small: number, large: number): ObjectCost {
  const objectsAnEvent = 1 / ROWS_SMALL - 1 / ROWS_LARGE;
  return { name, small, large, objectMs: (small - large) / objectsAnEvent / 1000 };
}

function encodingsOf(quick: boolean) {
  const of = (format: Format) =>
    compressionsOf(format).map((compression) => ({
      name: `${format}, ${compression}`,
      settings: { FORMAT: format, COMPRESSION: compression },
    }));
  const all = FORMAT_NAMES.flatMap(of);
  return quick ? all.filter(({ name }) => name === "parquet, zstd") : all;
}

const COLUMNS: readonly TextColumn[] = [
  { heading: "", align: "left" },
  { heading: `${ROWS_SMALL} rows: us/event`, align: "right" },
  { heading: `${ROWS_LARGE} rows`, align: "right" },
  { heading: "CPU ms/object", align: "right" },
];

/** The table for people. */
export function objectsTable(costs: readonly ObjectCost[]): string[] {
  return textTable(
    COLUMNS,
    costs.map(({ name, small, large, objectMs }) => [
      name,
      small.toFixed(1),
      large.toFixed(1),
      objectMs.toFixed(2),
    ]),
  );
}
