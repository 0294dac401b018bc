import { type Db, MongoClient } from "mongodb";
import { createMongoSource, type MongoSource } from "../../src/source/mongo/mongo_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import type { SourceUnderTest } from "../contract/source_contract.ts";
import { mongodbUri, uniqueName } from "./services.ts";

/** A source that reads from a real mongod, and a client to write to it with. */
export interface MongoUnderTest extends SourceUnderTest {
  readonly source: MongoSource;
  readonly db: Db;
}

/** Short, so that tests of idle streams are. */
const AWAIT_MS = 50;

/** A fresh database on the server that tests are given, or on `uri`; dropped at the end. */
export async function openMongo(uri: string = mongodbUri()): Promise<MongoUnderTest> {
  const client = new MongoClient(uri, { maxPoolSize: 4 });
  const db = client.db(uniqueName("source"));
  const collection = "orders";
  await db.createCollection(collection);
  const source = createMongoSource({
    uri,
    awaitMs: AWAIT_MS,
    clock: systemClock,
    random: systemRandom,
  });
  return {
    source,
    db,
    stream: { level: "collection", database: db.databaseName, collection },
    async insert(documents, name = collection) {
      const rows = Array.from({ length: documents }, (_, index) => ({ index }));
      await db.collection(name).insertMany(rows, { writeConcern: { w: "majority" } });
    },
    async drop() {
      await db.collection(collection).drop();
    },
    async rename(from, to) {
      await db.collection(from).rename(to, { dropTarget: true });
    },
    async changeUnreadably() {
      await db.collection(collection).updateOne({}, { $inc: { n: 1 } });
    },
    async passTime() {
      // Written to the oplog at once, where the server's own no-op comes every ten seconds only.
      await client.db("admin").command({ appendOplogNote: 1, data: { test: "time passes" } });
    },
    async [Symbol.asyncDispose]() {
      await source.close();
      await db.dropDatabase();
      await client.close();
    },
  };
}
