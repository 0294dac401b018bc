import assert from "node:assert/strict";
import { type Db, type Document, MaxKey, MinKey, MongoClient, Timestamp } from "mongodb";
import { startMongod } from "../../scripts/services/mongod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createRowCounter } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { startProgram } from "../support/program.ts";
import { redisUrl, uniqueName } from "../support/services.ts";
import { waitForRows } from "./judge.ts";
import { sourceSettings } from "./settings.ts";
import { SnapshotChanges } from "./snapshot_changes.ts";
import { assertRight, complete, COMPLETE_MS_MAX, snapshotBucket, stop } from "./snapshot_place.ts";

const DOCUMENTS = 3_000;
const KILLS = 4;
const FORGOTTEN_MS_MAX = 240_000;
const ODD_IDS = [new MinKey(), null, NaN, -5, "B", { b: 1, "0": 2 }, true, new MaxKey()];
/** So long a piece of a request waits while copies join or are killed: ranges must not end before. */
const SLOW_MS = 300;
const KILLED_DELAY_MS = 100;
/** Else the driver replaces an `_id` of null. */
const AS_GIVEN = { forceServerObjectId: true };
const wasThere = ({ n }: Document) => Number(n) < DOCUMENTS;

Deno.test("documents of before and changes meanwhile give the state of each document, over kills", async () => {
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const names = ["orders", "items"];
  await writer.insert(names, DOCUMENTS);
  await db.collection("orders").insertMany(
    ODD_IDS.map((_id) => ({ _id, n: -1 })) as never,
    AS_GIVEN,
  );
  await using at = await snapshotBucket({
    ...sourceSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: names.join(","), SNAPSHOT: "initial", BATCH_SIZE: "25" },
  });
  await using changes = new SnapshotChanges(db, names, DOCUMENTS);
  // Else a fast machine has stored all before it is killed.
  at.proxy.setMode({ kind: "delay", ms: KILLED_DELAY_MS });
  for (let kill = 0; kill < KILLS; kill++) {
    await using program = startProgram(["run"], { env: at.through });
    await program.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX);
    if (kill === 0) changes.begin();
    program.kill("SIGKILL");
    await program.ended;
  }
  at.proxy.setMode({ kind: "pass" });
  await using last = startProgram(["run"], { env: at.through });
  await complete(at.past, names.map((name) => `${writer.database}.${name}`));
  const events = await changes.end();
  await waitForRows(events, createRowCounter(at.bucket, "lake/"));
  await stop(last);
  await assertRight(at, db, names, wasThere);
});

Deno.test("three copies share the ranges of snapshots, and one dies among them", async () => {
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const names = Array.from({ length: 6 }, (_, i) => `c${i + 1}`);
  await writer.insert(names, DOCUMENTS);
  await using at = await snapshotBucket({
    ...sourceSettings(writer.database),
    ...{ MONGODB_COLLECTIONS: names.join(","), SNAPSHOT: "initial", BATCH_SIZE: "50" },
    ...{
      ...{ REDIS_URL: redisUrl(), LEASES: "redis" },
      DISTRIBUTED_LOCK_TTL: "6s",
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: "2s",
    },
  });
  const start = (name: string) =>
    startProgram(["run"], { env: { ...at.through, INSTANCE_NAME: name } });
  await using changes = new SnapshotChanges(db, names, DOCUMENTS);
  at.proxy.setMode({ kind: "delay", ms: SLOW_MS });
  await using first = start("one");
  await using second = start("two");
  await using third = start("three");
  const copies = [first, second, third];
  await Promise.all(copies.map((each) => each.line(/Stream started.*snapshot:/, COMPLETE_MS_MAX)));
  changes.begin();
  first.kill("SIGKILL");
  at.proxy.setMode({ kind: "pass" });
  await complete(at.past, names.map((name) => `${writer.database}.${name}`));
  const events = await changes.end();
  await waitForRows(events, createRowCounter(at.bucket, "lake/"));
  for (const each of [second, third]) await stop(each);
  await assertRight(at, db, names, wasThere);
});

Deno.test("what was not stored before the server forgot its time is read again, and nothing comes twice", async () => {
  await using server = await startMongod({
    args: ["--setParameter", "minSnapshotHistoryWindowInSeconds=3"],
  });
  await using client = new MongoClient(server.url);
  const journal = await Deno.makeTempDir();
  const db = client.db("shop");
  await db.collection("orders").insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({ n })));
  await using at = await snapshotBucket({
    ...{ ...sourceSettings("shop"), MONGODB_URI: server.url, JOURNAL: `file://${journal}` },
    ...{ MONGODB_COLLECTIONS: "orders", SNAPSHOT: "initial", BATCH_SIZE: "50" },
  });
  await using changes = new SnapshotChanges(db, ["orders"], DOCUMENTS);
  // Else a fast machine has stored all before nothing can be stored.
  at.proxy.setMode({ kind: "delay", ms: SLOW_MS });
  {
    await using program = startProgram(["run"], { env: at.through });
    await program.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX);
    at.proxy.setMode({ kind: "refuse" });
    // Records are appended as long as few of them wait for their objects.
    const stored = program.count(/Batch stored.*snapshot:/);
    await hasRecord(journal, /"chunk"/, stored + 1);
    changes.begin();
    const { operationTime } = await db.command({ ping: 1 });
    program.kill("SIGKILL");
    await program.ended;
    await forgotten(db, operationTime);
  }
  at.proxy.setMode({ kind: "pass" });
  await using last = startProgram(["run"], { env: at.through });
  await complete(at.past, ["shop.orders"]);
  await hasRecord(journal, /"kind": "emptied"/, 1);
  const events = await changes.end();
  await waitForRows(events, () => streamRows(journal));
  await stop(last);
  await assertRight(at, db, ["orders"], wasThere);
  await Deno.remove(journal, { recursive: true });
});

Deno.test("a database stream has the documents of all its collections, also of capped ones", async () => {
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const names = ["orders", "items"];
  await writer.insert(names, 500);
  await db.createCollection("empty");
  await db.createCollection("log", { capped: true, size: 4096 });
  await db.collection("log").insertOne({ n: 1 });
  await db.createCollection("view", { viewOn: "orders", pipeline: [] });
  await using at = await snapshotBucket({
    ...sourceSettings(writer.database),
    ...{ SNAPSHOT: "initial" },
  });
  await using program = startProgram(["run"], { env: at.through });
  await complete(at.past, [`database:${writer.database}`]);
  await db.collection("orders").updateOne({ n: 7 }, { $set: { paid: true } });
  await db.collection("items").deleteOne({ n: 7 });
  await waitForRows(2, createRowCounter(at.bucket, "lake/"));
  await stop(program);
  await assertRight(at, db, [...names, "log", "empty"]);
});

/** Waits until so many records of ranges fit the pattern. */
async function hasRecord(journal: string, pattern: RegExp, count: number): Promise<void> {
  const folder = `${journal}/_tributary/ranges`;
  const found = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    let fits = 0;
    for (const { name } of files) {
      for await (const record of Deno.readDir(`${folder}/${name}`)) {
        if (!record.isFile) continue;
        if (pattern.test(await Deno.readTextFile(`${folder}/${name}/${record.name}`))) fits++;
      }
    }
    return fits >= count ? true : undefined;
  });
  assert(found, `fewer than ${count} records of ranges fit ${pattern}`);
}

/** How many rows the journal of the stream names. */
async function streamRows(journal: string): Promise<number> {
  const folder = `${journal}/_tributary/streams/collection.shop.orders`;
  let rows = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^\d{16}\.json$/.test(name)) continue;
    const { objects = [] } = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    for (const each of objects) rows += each.rows;
  }
  return rows;
}

/** Waits until the server does not know any more what was there at that time. */
async function forgotten(db: Db, atClusterTime: Timestamp): Promise<void> {
  const found = await waitUntil(systemClock, FORGOTTEN_MS_MAX, async () => {
    await db.collection("elsewhere").insertOne({});
    const readConcern = { level: "snapshot", atClusterTime };
    return await db.command({ find: "orders", limit: 1, readConcern })
      .then(() => undefined, () => true);
  });
  assert(found, "the server still knows that time");
}
