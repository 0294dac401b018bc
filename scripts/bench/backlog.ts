import { type Db, MongoClient } from "mongodb";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { Changes } from "../load/changes.ts";
import { type ShapeName, SHAPES } from "../load/shapes.ts";

/** Change events that wait in the oplog of a server. */
export interface Backlog {
  readonly uri: string;
  readonly database: string;
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
  /** BATCH_SIZE. */
  readonly batchRows: number;
}

const DATABASE = "bench";
const CHANGES_A_CALL = 1_000;
const CALL_BYTES_MAX = 8_000_000;
const SEED = 1;

/** The default of BATCH_BYTES. */
const BATCH_BYTES = 32 * 1024 ** 2;

/** An oplog entry is its document and about so much more. */
const ENTRY_OVERHEAD_BYTES = 250;

/** How many megabytes of oplog so many events of a shape take, with a margin. */
export function oplogMegabytes(size: BacklogSize): number {
  const events = size.counted + tailEvents(size);
  return Math.ceil(events * (SHAPES[size.shape].documentBytes + ENTRY_OVERHEAD_BYTES) * 1.3 / 1e6);
}

/** Writes so many changes that count, and some more, into a collection of its own. */
export async function writeBacklog(
  uri: string,
  size: BacklogSize,
  onWritten: (events: number) => void,
): Promise<Backlog> {
  const client = new MongoClient(uri);
  try {
    const { shape, counted } = size;
    const events = counted + tailEvents(size);
    const database = client.db(DATABASE);
    const name = `${shape}_${counted}`;
    const collection = await database.createCollection(name);
    const startToken = await currentToken(database, name);
    const changes = new Changes(SHAPES[shape], SHAPES[shape], new SeededRandom(SEED));
    const call = Math.min(
      CHANGES_A_CALL,
      Math.ceil(CALL_BYTES_MAX / SHAPES[shape].documentBytes),
    );
    for (let written = 0; written < events; written += call) {
      const part = changes.take(Math.min(call, events - written));
      await collection.bulkWrite(part, { ordered: true });
      onWritten(written + part.length);
    }
    const endToken = await currentToken(database, name);
    return { uri, database: DATABASE, collection: name, events, counted, startToken, endToken };
  } finally {
    await client.close();
  }
}

/** A little more than a batch has. */
function tailEvents({ shape, batchRows }: BacklogSize): number {
  return Math.ceil(Math.min(batchRows, BATCH_BYTES / SHAPES[shape].documentBytes) * 1.2);
}

/** The `_data` of the token behind everything that has happened. */
async function currentToken(database: Db, name: string): Promise<string> {
  const stream = database.collection(name).watch([], { maxAwaitTimeMS: 1 });
  try {
    await stream.tryNext();
    return (stream.resumeToken as { _data: string })._data;
  } finally {
    await stream.close();
    // The token may lie one step ahead of the server's last operation: now it does not.
    await database.collection("clock").insertOne({});
  }
}
