import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import type { ClusterTime } from "../../src/model/cluster_time.ts";
import { compareClusterTimes } from "../../src/model/cluster_time.ts";
import { HistoryLostError } from "../../src/model/errors.ts";
import type { NamespaceNews } from "../../src/pipeline/namespaces.ts";
import { createMongoSource, type MongoSource } from "../../src/source/mongo/mongo_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

const never = new AbortController().signal;

Deno.test("news tell where collections begin and end, in transactions, by renames and drops of databases", async () => {
  await withServer(async ({ client, source, name }) => {
    const db = client.db(name);
    const { last: from } = await source.namespaces.times(never);
    await db.collection("a").insertOne({});
    await db.createCollection("view", { viewOn: "a", pipeline: [] });
    await db.collection("a").aggregate([{ $out: "made" }]).toArray();
    await db.collection("a").rename("b");
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await db.collection("inside").insertOne({}, { session });
      })
    );
    await db.dropDatabase();
    await db.collection("after").insertOne({});
    await db.dropDatabase();
    const filter = { include: [`${name}.*`], exclude: [] };
    for (const wide of [false, true]) {
      const include = wide ? [...filter.include, "*.nothing"] : filter.include;
      const request = { filter: { include, exclude: [] }, from, known: () => [] };
      const news = await source.namespaces.openNews(request, never);
      const told = await readTo(news!, (await source.namespaces.times(never)).last, name);
      const named = told.filter((each) => !each.startsWith("tmp"));
      const begun = ["a begun", "made begun", "a ended", "b begun", "inside begun"];
      assert.deepEqual(named.slice(0, 5), begun);
      // In what order a database's collections are dropped is the server's affair.
      assert.deepEqual(named.slice(5, 8).sort(), ["b ended", "inside ended", "made ended"]);
      assert.deepEqual(named.slice(8), ["after begun", "after ended"]);
      await news!.close();
    }
  });
});

Deno.test("news are lost where the oplog does not reach back", async () => {
  await withServer(async ({ source, name }) => {
    const filter = { include: [`${name}.*`], exclude: [] };
    const request = { filter, from: { t: 1000, i: 1 }, known: () => [] };
    const { oldest } = await source.namespaces.times(never);
    assert.ok(oldest !== undefined);
    const open = source.namespaces.openNews(request, never);
    // The first entry a replica set ever wrote has nothing before it.
    await open.then(
      (news) => news?.close(),
      (error) => assert.ok(error instanceof HistoryLostError),
    );
    const later = { ...request, from: { t: oldest.t + 1_000_000_000, i: 1 } };
    await assert.rejects(source.namespaces.openNews(later, never), HistoryLostError);
  });
});

Deno.test("the list waits until the member has come to a time", async () => {
  await withServer(async ({ client, source, name }) => {
    await client.db(name).collection("a").insertOne({});
    const { last } = await source.namespaces.times(never);
    const filter = { include: [`${name}.*`], exclude: [`${name}.b`] };
    const found = await source.namespaces.list(filter, last, never);
    assert.deepEqual(found.map(({ collection }) => collection), ["a"]);
  });
});

interface Server {
  readonly client: MongoClient;
  readonly source: MongoSource;
  readonly name: string;
}

async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
  const client = new MongoClient(mongodbUri());
  const source = createMongoSource({ uri: mongodbUri(), clock: systemClock, random: systemRandom });
  const name = uniqueName("news");
  try {
    await work({ client, source, name });
  } finally {
    await source.close();
    await client.db(name).dropDatabase();
    await client.close();
  }
}

/** What is told of one database until everything up to a time has been. */
async function readTo(news: NamespaceNews, to: ClusterTime, database: string): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    const reply = await news.next();
    const own = reply.news.filter((each) => each.database === database);
    told.push(...own.map(({ collection, change }) => `${collection} ${change}`));
    if (compareClusterTimes(reply.reached, to) >= 0) return told;
  }
}
