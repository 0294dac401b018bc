import { type Db, MongoClient, Timestamp } from "mongodb";
import { type ClusterTime, compareClusterTimes, timeAfter } from "../../src/model/cluster_time.ts";
import { readCursorReply } from "../../src/source/cursor_reply.ts";
import { collectionsMatch, namespaceMatch, type Query } from "../../src/source/namespace_match.ts";
import { systemClock } from "../../src/support/clock.ts";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { Changes } from "../load/changes.ts";
import { type ShapeName, SHAPES } from "../load/shapes.ts";
import { type Server, startMongod } from "../services.ts";
import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import { numbered, oplogMegabytes } from "./backlog.ts";
import { FILTER_FORMS, type FilterLevel, type FilterNames } from "./filter_forms.ts";
import type { BenchOptions } from "./options.ts";
import { threadsCpuMicros } from "./process_usage.ts";
import { median } from "./statistics.ts";

/** A filter that is measured, and what it asks at each level. */
export interface Filter {
  readonly name: string;
  readonly names: number;
  readonly withRenames: boolean;
  match(level: FilterLevel): Query | undefined;
}

/** What an oplog entry costs mongod: microseconds of its CPU, medians of the rounds. */
export interface FilterSummary {
  readonly name: string;
  readonly names: number;
  readonly withRenames: boolean;
  readonly level: FilterLevel;
  /** An entry that the filter does not want; NaN where it wants all. */
  readonly passedOverMicros: number;
  /** An entry that becomes an event. */
  readonly deliveredMicros: number;
}

/** What a round has found of one filter at one level. */
export interface FilterRound extends FilterSummary {
  readonly round: number;
  /** By the clock, of all entries. */
  readonly seconds: number;
  readonly load: number;
}

/** Two stretches of one oplog. */
interface Stretches {
  readonly uri: string;
  readonly mongodPid: number;
  readonly entries: number;
  /** Just before the entries that all filters want. */
  readonly wanted: ClusterTime;
  /** Just before the entries, as many, that no filter wants. Nothing is behind them. */
  readonly unwanted: ClusterTime;
  readonly end: ClusterTime;
}

const DATABASE = "bench";
const WANTED = "wanted_name";
/** As long as the other, and different only at its end: comparing must not be cheap. */
const UNWANTED = "wanting_one";
const LEVELS: readonly FilterLevel[] = ["database", "deployment"];
const BATCH_SIZE = 2_500;
const ROUNDS_MAX = 3;
const SIZES_QUICK_MAX = 11;
const AWAIT_MS = 50;

/** What the form of a filter of namespaces costs mongod, for each oplog entry that it wants, and that it does not. */
export async function measureFilters(options: BenchOptions) {
  const { shape, events: entries, quick } = options;
  const size = { shape, counted: 2 * entries, batchRows: 0 };
  await using mongod = await startMongod({ oplogMegabytes: Math.max(1024, oplogMegabytes(size)) });
  const stretches = await writeStretches(mongod, shape, entries);
  const filters = allFilters().filter(({ names }) => !quick || names <= SIZES_QUICK_MAX);
  const rounds: FilterRound[] = [];
  await using client = new MongoClient(mongod.url);
  for (let round = 1; round <= Math.min(options.rounds, ROUNDS_MAX); round++) {
    for (const filter of filters) {
      for (const level of LEVELS) {
        rounds.push({ round, ...await measure(client, stretches, filter, level) });
      }
    }
    console.log(`round ${round} of the filters is done, load ${Deno.loadavg()[0]!.toFixed(1)}`);
  }
  const summaries = summarizeFilters(rounds);
  console.log(
    ["", `${grouped(entries)} oplog entries each, ${SHAPES[shape].description}`]
      .concat(filtersTable(summaries)).join("\n"),
  );
  return { shape, entries, summaries, rounds };
}

/** Nothing, each form of each size with and without the branch for renames, and what tributary itself asks for. */
function allFilters(): Filter[] {
  const all: Filter = { name: "none", names: 0, withRenames: false, match: () => undefined };
  const forms = FILTER_FORMS.flatMap(({ name, sizes, query }) =>
    sizes.flatMap((size) =>
      [false, true].map((withRenames): Filter => ({
        ...{ name, names: size, withRenames },
        match(level) {
          const names: FilterNames = { level, database: DATABASE, names: namesOf(size) };
          if (!withRenames) return query("ns", names);
          return { $or: [query("ns", names), renamedTo(level, query("to", names))] };
        },
      }))
    )
  );
  const own = [1, 11, 51, 201, 1001].flatMap((size) => [
    ownFilter("tributary's", size, namesOf(size)),
    ownCollections(size),
  ]);
  const globs = [1, 11].map((size) =>
    ownFilter("tributary's, of patterns", size, namesOf(size).map((name) => `${name}*`))
  );
  return [all, ...forms, ...own, ...globs];
}

/** What tributary asks for has its branch for renames. */
function ownFilter(name: string, size: number, patterns: readonly string[]): Filter {
  const include = patterns.map((pattern) => `${DATABASE}.${pattern}`);
  return {
    ...{ name, names: size, withRenames: true },
    match: (level) => namespaceMatch({ include, exclude: [] }, databaseOf(level)),
  };
}

function ownCollections(size: number): Filter {
  const collections = namesOf(size).map((collection) => ({ database: DATABASE, collection }));
  return {
    ...{ name: "tributary's, where most is wanted", names: size, withRenames: true },
    match: (level) => collectionsMatch(collections, databaseOf(level), 1),
  };
}

function databaseOf(level: FilterLevel): string | undefined {
  return level === "database" ? DATABASE : undefined;
}

function renamedTo(level: FilterLevel, query: Query): Query {
  return {
    $and: [
      { operationType: "rename" },
      ...(level === "database" ? [{ "to.db": DATABASE }] : []),
      query,
    ],
  };
}

/** The wanted name lies in the middle of the others. */
function namesOf(size: number): string[] {
  return numbered("wanted_coll", size - 1).toSpliced((size - 1) / 2, 0, WANTED);
}

async function writeStretches(
  mongod: Server,
  shape: ShapeName,
  entries: number,
): Promise<Stretches> {
  await using client = new MongoClient(mongod.url);
  const db = client.db(DATABASE);
  for (const name of [WANTED, UNWANTED]) await db.createCollection(name);
  const wanted = await timeOf(db);
  await write(db, WANTED, shape, entries);
  const unwanted = await timeOf(db);
  await write(db, UNWANTED, shape, entries);
  const end = await timeOf(db);
  return { uri: mongod.url, mongodPid: mongod.pid, entries, wanted, unwanted, end };
}

async function write(db: Db, name: string, shape: ShapeName, entries: number): Promise<void> {
  const changes = new Changes(SHAPES[shape], SHAPES[shape], new SeededRandom(1));
  for (let written = 0; written < entries; written += 1_000) {
    const part = changes.take(Math.min(1_000, entries - written));
    await db.collection(name).bulkWrite(part, { ordered: true });
  }
}

/** The time of the server's last operation. */
async function timeOf(db: Db): Promise<ClusterTime> {
  const { operationTime } = await db.command({ ping: 1 }) as { operationTime: Timestamp };
  return { t: operationTime.getHighBits(), i: operationTime.getLowBits() };
}

async function measure(
  client: MongoClient,
  { mongodPid, entries, wanted, unwanted, end }: Stretches,
  filter: Filter,
  level: FilterLevel,
) {
  const startMs = systemClock.monotonicMs();
  const microsOf = async (from: ClusterTime, isDone: (read: Read) => boolean) => {
    const before = await threadsCpuMicros(mongodPid);
    await read(client, filter.match(level), level, from, isDone);
    return (await threadsCpuMicros(mongodPid) - before) / entries;
  };
  const deliveredMicros = await microsOf(wanted, ({ events }) => events >= entries);
  const passedOverMicros = filter.names === 0
    ? NaN
    : await microsOf(unwanted, ({ at }) => compareClusterTimes(at, end) >= 0);
  const { name, names, withRenames } = filter;
  const seconds = (systemClock.monotonicMs() - startMs) / 1000;
  const load = Deno.loadavg()[0]!;
  return { name, names, withRenames, level, passedOverMicros, deliveredMicros, seconds, load };
}

/** How far a change stream has been read. */
interface Read {
  readonly events: number;
  readonly at: ClusterTime;
}

async function read(
  client: MongoClient,
  match: Query | undefined,
  level: FilterLevel,
  from: ClusterTime,
  isDone: (read: Read) => boolean,
): Promise<void> {
  const db = client.db(level === "database" ? DATABASE : "admin");
  const startAtOperationTime = new Timestamp(timeAfter(from));
  const options = level === "database" ? {} : { allChangesForCluster: true };
  const opened = await db.command({
    aggregate: 1,
    pipeline: [
      { $changeStream: { startAtOperationTime, ...options } },
      ...(match === undefined ? [] : [{ $match: match }]),
    ],
    cursor: { batchSize: 0 },
    readConcern: { level: "majority" },
  }, { raw: true });
  const { id, namespace } = readCursorReply(opened["cursor"]);
  const collection = namespace.slice(namespace.indexOf(".") + 1);
  let [events, at] = [0, from];
  while (!isDone({ events, at })) {
    const command = { getMore: id, collection, batchSize: BATCH_SIZE, maxTimeMS: AWAIT_MS };
    const reply = readCursorReply((await db.command(command, { raw: true }))["cursor"]);
    events += reply.starts.length;
    at = reply.highWater?.operationTime ?? at;
  }
  await db.command({ killCursors: collection, cursors: [id] });
}

/** The medians of the rounds, in the order of the first. */
export function summarizeFilters(rounds: readonly FilterRound[]): FilterSummary[] {
  const keyOf = ({ name, names, withRenames, level }: FilterSummary) =>
    JSON.stringify([name, names, withRenames, level]);
  const groups = [...Map.groupBy(rounds, keyOf).values()];
  return groups.map((group) => {
    const { name, names, withRenames, level } = group[0]!;
    const passedOverMicros = median(group.map((each) => each.passedOverMicros));
    const deliveredMicros = median(group.map((each) => each.deliveredMicros));
    return { name, names, withRenames, level, passedOverMicros, deliveredMicros };
  });
}

const FIGURES = LEVELS.flatMap((level) =>
  [false, true].map((withRenames) => ({ level, withRenames }))
);
const COLUMNS: readonly TextColumn[] = [
  { heading: "us of mongod's CPU an entry: passed over / delivered", align: "left" },
  { heading: "names", align: "right" },
  ...FIGURES.map(({ level, withRenames }): TextColumn => ({
    heading: withRenames ? "+ renames" : level,
    align: "right",
  })),
];

/** The table for people: a row for each form and number of names. */
export function filtersTable(summaries: readonly FilterSummary[]): string[] {
  const rows = [...Map.groupBy(summaries, ({ name, names }) => `${name} ${names}`).values()];
  return textTable(
    COLUMNS,
    rows.map((row) => [
      row[0]!.name,
      row[0]!.names === 0 ? "" : grouped(row[0]!.names),
      ...FIGURES.map(({ level, withRenames }) => {
        const found = row.find((each) => each.level === level && each.withRenames === withRenames);
        return found === undefined ? "" : figuresOf(found);
      }),
    ]),
  );
}

function figuresOf({ passedOverMicros, deliveredMicros }: FilterSummary): string {
  const passedOver = Number.isNaN(passedOverMicros) ? "-" : passedOverMicros.toFixed(1);
  return `${passedOver} / ${deliveredMicros.toFixed(1)}`;
}
