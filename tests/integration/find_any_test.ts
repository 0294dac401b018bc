/** Whether a real server has a document at a time. */
import assert from "node:assert/strict";
import { type Db, MongoClient, type Timestamp } from "mongodb";
import { HistoryLostError, TransientError } from "../../src/model/errors.ts";
import type { ClusterTime } from "../../src/model/cluster_time.ts";
import type { FoundAny } from "../../src/pipeline/documents.ts";
import { createMongoDocuments } from "../../src/source/mongo/documents/mongo_documents.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

const NEVER = new AbortController().signal;

interface Scene {
  readonly db: Db;
  now(): Promise<ClusterTime>;
  find(collection: string, at?: ClusterTime): Promise<FoundAny>;
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const client = new MongoClient(mongodbUri());
  const db = client.db(uniqueName("any"));
  const documents = createMongoDocuments(client);
  try {
    await work({
      db,
      async now() {
        const { operationTime }: { operationTime?: Timestamp } = await db.command({ ping: 1 });
        return { t: operationTime!.t, i: operationTime!.i };
      },
      find: (collection, at) =>
        documents.findAny({
          ...{ database: db.databaseName, collection },
          ...(at === undefined ? {} : { at }),
        }, NEVER),
    });
  } finally {
    await db.dropDatabase();
    await client.close();
  }
}

Deno.test("findAny() tells what a collection had at a time, whatever has come since", async () => {
  await withScene(async ({ db, now, find }) => {
    await db.createCollection("orders");
    const empty = await now();
    await db.collection<{ _id: number }>("orders").insertOne({ _id: 1 });
    const full = await now();
    assert.deepEqual(await find("orders", empty), { isEmpty: true, at: empty });
    assert.deepEqual(await find("orders", full), { isEmpty: false, at: full });
    const newest = await find("orders");
    assert.equal(newest.isEmpty, false);
    assert(newest.at.t > 0);
  });
});

Deno.test("findAny() tells of a collection that is not there only where it was asked of a time", async () => {
  await withScene(async ({ now, find }) => {
    const at = await now();
    assert.deepEqual(await find("none", at), { isEmpty: true, at });
    assert.deepEqual(await find("none"), { isEmpty: true, at: { t: 0, i: 0 } });
  });
});

Deno.test("findAny() knows nothing of a collection before it was made, and of one that is capped", async () => {
  await withScene(async ({ db, now, find }) => {
    await db.createCollection("other");
    const before = await now();
    await db.createCollection("orders");
    await db.createCollection("ring", { capped: true, size: 4096 });
    await assert.rejects(find("orders", before), HistoryLostError);
    const made = await find("orders");
    assert.equal(made.isEmpty, true);
    await assert.rejects(find("ring", await now()), HistoryLostError);
    await assert.rejects(find("ring"), TransientError);
  });
});
