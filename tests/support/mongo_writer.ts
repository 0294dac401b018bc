/** Writes into a real mongod and remembers what was acknowledged. */
import { MongoClient } from "mongodb";
import { mongodbUri } from "./services.ts";

export interface MongoWriter extends AsyncDisposable {
  readonly client: MongoClient;
  readonly database: string;
  /** Inserts so many documents `{ n, text }` into each collection, `n` going on from the last call. */
  insert(collections: readonly string[], count: number): Promise<void>;
  /** Documents acknowledged per collection. */
  readonly inserted: ReadonlyMap<string, number>;
}

const DOCUMENTS_A_CALL = 250;

/** A writer on a database of its own, which is dropped at the end. */
export function createMongoWriter(database: string): MongoWriter {
  const client = new MongoClient(mongodbUri());
  const inserted = new Map<string, number>();
  return {
    client,
    database,
    inserted,
    async insert(collections, count) {
      for (let done = 0; done < count; done += DOCUMENTS_A_CALL) {
        for (const name of collections) {
          const first = inserted.get(name) ?? 0;
          const size = Math.min(DOCUMENTS_A_CALL, count - done);
          const documents = Array.from({ length: size }, (_, i) => ({
            n: first + i,
            text: `document ${first + i} `.repeat(10),
          }));
          await client.db(database).collection(name).insertMany(documents);
          inserted.set(name, first + size);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await client.db(database).dropDatabase();
      await client.close();
    },
  };
}
