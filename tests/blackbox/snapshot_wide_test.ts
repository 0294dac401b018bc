/** Snapshots of everything that people have: stages, partitions, patterns, deployments, formats, types. */
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { startMongod } from "../../scripts/services/mongod.ts";
import { queryLake } from "../support/lake.ts";
import { waitForFolder } from "./judge.ts";
import { COMPLETE_MS_MAX, snapshotPlace } from "./snapshot_place.ts";

const DOCUMENTS = 2_000;
const SECRET = "hush-hush-7f3a";
const STAGES = `
  - $match: { operationType: { $in: [insert, update, delete] }, "fullDocument.kind": { $ne: test } }
  - $project: { "fullDocument.note": 0 }`;

Deno.test("documents of before pass the stages of the pipeline as inserts do, and REDACT", async () => {
  await using at = await snapshotPlace({
    ...{ MONGODB_COLLECTIONS: "orders", REDACT: "secret", FULL_DOCUMENT: "required" },
    BATCH_SIZE: "300",
  }, STAGES);
  await at.db.createCollection("orders", { changeStreamPreAndPostImages: { enabled: true } });
  const orders = at.db.collection("orders");
  await orders.insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({
    ...{ _id: n, kind: n % 4 === 0 ? "test" : "real", note: "left out", secret: SECRET },
  })) as never);
  await using program = at.start();
  await program.line(/snapshot is complete/, COMPLETE_MS_MAX);
  await orders.insertOne(
    { _id: DOCUMENTS, kind: "real", note: "left out", secret: SECRET } as never,
  );
  await program.line(/Batch stored(?!.*snapshot:)/, COMPLETE_MS_MAX);
  await at.finish(program);
  const rows = (await queryLake(at.lake, "SELECT operation, document_key, full_document FROM lake"))
    .map(({ operation, document_key, full_document }) => ({
      ...{ operation, id: JSON.parse(String(document_key))._id },
      document: JSON.parse(String(full_document)),
    }));
  const expected = Array.from({ length: DOCUMENTS + 1 }, (_, n) => n).filter((n) => n % 4 !== 0);
  expected.push(DOCUMENTS);
  const ids = rows.map(({ id }) => id).sort((a, b) => a - b);
  assert.deepEqual(ids, expected);
  const snapshots = rows.filter(({ operation }) => operation === "snapshot");
  assert.equal(snapshots.length, expected.length - 1);
  for (const { document } of rows) assert.deepEqual(Object.keys(document), ["_id", "kind"]);
});

Deno.test("the documents of a divided collection are there once, and the partitions have what comes later", async () => {
  await using at = await snapshotPlace({ MONGODB_COLLECTIONS: "orders", PARTITIONS: "3" });
  const orders = at.db.collection("orders");
  await orders.insertMany(numbered(DOCUMENTS));
  await using program = at.start();
  await program.line(/snapshot is complete/, COMPLETE_MS_MAX);
  await orders.updateMany({ n: { $lt: 100 } }, { $set: { paid: true } });
  await orders.deleteMany({ n: { $gte: DOCUMENTS - 50 } });
  await waitForFolder(at.lake, DOCUMENTS + 150);
  await at.finish(program);
  const documents = await orders.find().toArray();
  await at.assertState("orders", documents, documents.map(({ _id }) => _id));
});

Deno.test("collections that patterns find have their documents of before, and those that are empty or made meanwhile need none", async () => {
  await using at = await snapshotPlace({
    ...{ MONGODB_COLLECTIONS: "orders_*", WATCH_LEVEL: "collection" },
  });
  const names = Array.from({ length: 40 }, (_, i) => `orders_${i}`);
  for (const name of names) await at.db.collection(name).insertMany(numbered(10));
  await at.db.createCollection("orders_empty");
  await at.db.collection("other").insertMany(numbered(10));
  await using program = at.start();
  await program.line(/Stream started(?!.*snapshot:)/, COMPLETE_MS_MAX);
  await at.db.collection("orders_new").insertMany(numbered(10));
  for (const name of names) {
    await program.line(new RegExp(`snapshot is complete.*\\.${name}"`), COMPLETE_MS_MAX);
  }
  await at.db.collection("orders_3").deleteOne({ n: 3 });
  await waitForFolder(at.lake, names.length * 10 + 11);
  await at.finish(program);
  for (const name of names) {
    const documents = await at.db.collection(name).find().toArray();
    await at.assertState(name, documents, documents.map(({ _id }) => _id));
  }
  await at.assertState("orders_new", await at.db.collection("orders_new").find().toArray(), []);
  const snapshots = Array.from(Deno.readDirSync(`${at.lake}/_tributary/snapshot`), (e) => e.name);
  assert(!snapshots.some((name) => /orders_(new|empty)/.test(name)));
});

Deno.test("the stream of a deployment has the documents of all databases", async () => {
  await using server = await startMongod();
  await using client = new MongoClient(server.url);
  await using at = await snapshotPlace({
    ...{ MONGODB_URI: server.url, WATCH_LEVEL: "deployment", MONGODB_DATABASE: "" },
  });
  for (const database of ["shop", "store"]) {
    for (const name of ["orders", "items"]) {
      await client.db(database).collection(name).insertMany(numbered(200));
    }
  }
  await using program = at.start();
  await program.line(/snapshot is complete/, COMPLETE_MS_MAX);
  await client.db("store").collection("orders").deleteMany({ n: { $lt: 20 } });
  await waitForFolder(at.lake, 820);
  await at.finish(program);
  const [rows] = await queryLake(
    at.lake,
    `SELECT count(*) FILTER (operation = 'snapshot') AS snapshots,
       count(DISTINCT database || collection || document_key) AS documents FROM lake`,
  );
  assert.deepEqual(rows, { snapshots: 800n, documents: 800n });
});

Deno.test("hundreds of small collections share one range, and cost a record and an object each", async () => {
  await using at = await snapshotPlace({ FORMAT: "jsonl" });
  const names = Array.from({ length: 300 }, (_, i) => `c${i}`);
  for (const name of names) await at.db.collection(name).insertMany(numbered(3));
  await using program = at.start();
  await program.line(/snapshot is complete/, COMPLETE_MS_MAX);
  await at.finish(program);
  const folder = `${at.lake}/_tributary/ranges`;
  const ranges = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  assert.equal(ranges.length, 1);
  const records = Array.from(Deno.readDirSync(`${folder}/${ranges[0]}`)).filter((e) => e.isFile);
  // The first one, the last one, and one for each collection.
  assert.equal(records.length, names.length + 2);
});

function numbered(count: number): { n: number }[] {
  return Array.from({ length: count }, (_, n) => ({ n }));
}
