/** A writer that goes on all the time, and remembers what was acknowledged for each document. */
import { MongoClient } from "mongodb";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { mongodbUri } from "./services.ts";

export interface FleetWriter extends AsyncDisposable {
  /** Ends the writing; what was under way is acknowledged then. Throws what ended it before. */
  stop(): Promise<void>;
  /** By collection, the documents by id, and how many updates of each were acknowledged after its insert. */
  readonly updatesOf: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** All changes that were acknowledged. */
  readonly events: number;
}

/** How often each collection gets its changes. The pace of a load, not a wait for something. */
const PACE_MS = 100;

const UPDATES_A_TURN = 3;

/** Updates hit the last documents only, so that they follow each other closely. */
const DOCUMENTS_UPDATED = 40;

/** Begins to insert documents `{ _id, count: 0 }` and to increment their `count`. */
export function startFleetWriter(database: string, collections: readonly string[]): FleetWriter {
  const client = new MongoClient(mongodbUri());
  const updatesOf = new Map(collections.map((name) => [name, new Map<string, number>()]));
  const control = new AbortController();
  let events = 0;
  const writing = (async () => {
    for (let turn = 0; !control.signal.aborted; turn++) {
      const startMs = systemClock.monotonicMs();
      await Promise.all(collections.map(async (name) => {
        const written = await writeTurn(client, database, name, turn, updatesOf.get(name)!);
        events += written;
      }));
      const restMs = startMs + PACE_MS - systemClock.monotonicMs();
      await sleep(systemClock, Math.max(0, restMs), control.signal).catch(() => {}); // The loop looks.
    }
  })();
  // Whoever stops it learns of it.
  writing.catch(() => {});
  const stop = () => {
    control.abort();
    return writing;
  };
  return {
    updatesOf,
    get events() {
      return events;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop().catch(() => {}); // The test has its own reason to end.
      await client.db(database).dropDatabase();
      await client.close();
    },
  };
}

async function writeTurn(
  client: MongoClient,
  database: string,
  collection: string,
  turn: number,
  updates: Map<string, number>,
): Promise<number> {
  const chosen = Array.from({ length: UPDATES_A_TURN }, (_, i) => {
    const back = (turn * 7 + i * 13) % DOCUMENTS_UPDATED;
    return idOf(Math.max(0, turn - back));
  });
  const document = { _id: idOf(turn), count: 0, text: `document ${turn} of ${collection} ` };
  await client.db(database).collection<{ _id: string; count: number }>(collection).bulkWrite([
    { insertOne: { document } },
    ...chosen.map((_id) => ({
      updateOne: { filter: { _id }, update: { $inc: { count: 1 } } },
    })),
  ]);
  updates.set(idOf(turn), 0);
  for (const id of chosen) updates.set(id, updates.get(id)! + 1);
  return 1 + chosen.length;
}

function idOf(turn: number): string {
  return `document-${turn}`;
}
