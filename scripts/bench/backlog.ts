import { type Db, MongoClient } from "mongodb";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { Changes } from "../load/changes.ts";
import { type ShapeName, SHAPES } from "../load/shapes.ts";

/** Change events that wait in the oplog of a server. */
export interface Backlog {
  readonly uri: string;
  readonly database: string;
  /** Its name, or `*`: all collections of the database, and nothing else is in it. */
  readonly collection: string;
  readonly events: number;
  /**
   * How many of them count for the speed. Those behind are there so that the batch which holds the last that counts is
   * full like any other, and does not wait for its time.
   */
  readonly counted: number;
  /** `_data` of a resume token just before the first event. */
  readonly startToken: string;
  /** The same behind the last event. */
  readonly endToken: string;
}

/** What a backlog is made of. */
export interface BacklogSize {
  readonly shape: ShapeName;
  /** Events that count for the speed. */
  readonly counted: number;
  /** BATCH_SIZE; 0 where no events are wanted behind those that count. */
  readonly batchRows: number;
  /** In turn into so many collections, to each the same number; default 1. */
  readonly collections?: number;
}

const DATABASE = "bench";
const CHANGES_A_CALL = 1_000;
const CALL_BYTES_MAX = 8_000_000;
const SEED = 1;
/** An insert that moves the server's time on; in no database that anybody reads. */
const CLOCK_DATABASE = "bench_clock";
/** Each of several collections gets its events in so many calls, so that they lie among those of the others. */
const CALLS_A_COLLECTION = 10;

/** The default of BATCH_BYTES. */
export const BATCH_BYTES = 32 * 1024 ** 2;

/** An oplog entry is its document and about so much more. */
export const ENTRY_OVERHEAD_BYTES = 250;

/** How many megabytes of oplog so many events of a shape take, with a margin. */
export function oplogMegabytes(size: BacklogSize): number {
  const events = size.counted + tailEvents(size);
  return Math.ceil(events * (SHAPES[size.shape].documentBytes + ENTRY_OVERHEAD_BYTES) * 1.3 / 1e6);
}

/** Writes so many changes that count, and some more, into collections of their own. */
export async function writeBacklog(
  uri: string,
  size: BacklogSize,
  onWritten: (events: number) => void,
): Promise<Backlog> {
  const client = new MongoClient(uri);
  try {
    const { shape, counted, collections = 1 } = size;
    const name = `${shape}_${counted}`;
    const isSpread = collections > 1;
    const database = client.db(isSpread ? `${DATABASE}_${collections}` : DATABASE);
    const names = isSpread ? numbered(name, collections) : [name];
    for (const each of names) await database.createCollection(each);
    const startToken = await currentToken(database);
    const events = counted + tailEvents(size);
    await writeChanges(database, names, { shape, events }, onWritten);
    const endToken = await currentToken(database);
    return {
      uri,
      database: database.databaseName,
      collection: isSpread ? "*" : name,
      ...{ events, counted, startToken, endToken },
    };
  } finally {
    await client.close();
  }
}

/** `name_0`, `name_1` and so on. */
export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}_${i}`);
}

/** Writes so many events in turn, the same number for each collection. */
async function writeChanges(
  database: Db,
  names: readonly string[],
  { shape, events }: { readonly shape: ShapeName; readonly events: number },
  onWritten: (events: number) => void,
): Promise<void> {
  const collections = names.map((name, i) => ({
    collection: database.collection(name),
    changes: new Changes(SHAPES[shape], SHAPES[shape], new SeededRandom(SEED + i)),
  }));
  const each = events / names.length;
  const call = Math.min(
    CHANGES_A_CALL,
    Math.ceil(CALL_BYTES_MAX / SHAPES[shape].documentBytes),
    names.length === 1 ? Infinity : Math.ceil(each / CALLS_A_COLLECTION),
  );
  let total = 0;
  for (let written = 0; written < each; written += call) {
    for (const { collection, changes } of collections) {
      const part = changes.take(Math.min(call, each - written));
      await collection.bulkWrite(part, { ordered: true });
      total += part.length;
      onWritten(total);
    }
  }
}

/** A little more than a batch has. */
function tailEvents({ shape, batchRows }: BacklogSize): number {
  return Math.ceil(Math.min(batchRows, BATCH_BYTES / SHAPES[shape].documentBytes) * 1.2);
}

/** The `_data` of the token behind everything that has happened. */
async function currentToken(database: Db): Promise<string> {
  const stream = database.watch([], { maxAwaitTimeMS: 1 });
  try {
    await stream.tryNext();
    return (stream.resumeToken as { _data: string })._data;
  } finally {
    await stream.close();
    // The token may lie one step ahead of the server's last operation: now it does not.
    await database.client.db(CLOCK_DATABASE).collection("clock").insertOne({});
  }
}
