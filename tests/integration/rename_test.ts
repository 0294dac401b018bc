/** What a lake tells of renames, by what a real server sends and by the query that the guide has. */
import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { serialize } from "bson";
import { type Db, MongoClient } from "mongodb";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import type { Format } from "../../src/model/format.ts";
import { systemClock } from "../../src/support/clock.ts";
import { chunkOf } from "../contract/encoder_events.ts";
import { readPages } from "../support/docs/pages.ts";
import { readWithDuckDb, type TextRow } from "../support/duckdb_reader.ts";
import { readWithPython } from "../support/python_readers.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

const FORMATS: readonly Format[] = ["parquet", "jsonl", "csv", "avro"];

Deno.test("a rename's new name is in every format, with what the server says when it is asked for more", async () => {
  for (const showExpandedEvents of [false, true]) {
    await using server = await openDatabase();
    const events = await eventsOf(server.db, { showExpandedEvents }, async (db) => {
      await db.createCollection("a");
      await db.collection("a").createIndex({ n: 1 });
      await db.createCollection("b");
      await db.renameCollection("a", "b", { dropTarget: true });
      await db.collection("b").drop();
    });
    for (const format of FORMATS) {
      const rows = await readBack(events, format);
      const told = (operation: string) =>
        rows.filter((row) => row["operation"] === operation)
          .map((row) => JSON.parse(String(row["update_description"])));
      const to = { db: server.db.databaseName, coll: "b" };
      const [rename] = told("rename");
      assert.deepEqual(rename.to, to, format);
      assert.deepEqual(told("drop").at(-1), null, format);
      if (!showExpandedEvents) continue;
      assert.deepEqual(rename.operationDescription.to, to, format);
      assert.equal(Object.keys(rename.operationDescription.dropTarget)[0], "$binary", format);
      assert.equal(Object.keys(rename.collectionUUID)[0], "$binary", format);
      const [{ operationDescription }] = told("createIndexes");
      assert.deepEqual(operationDescription.indexes[0].key, { n: 1 }, format);
    }
  }
});

Deno.test("the guide's query tells the latest state after collections have changed their names", async () => {
  await using server = await openDatabase();
  const events = await eventsOf(server.db, { fullDocument: "updateLookup" }, async (db) => {
    await db.collection<Order>("orders").insertOne({ _id: "1", status: "old" });
    await db.collection<Order>("built").insertOne({ _id: "1", status: "new" });
    await db.renameCollection("built", "orders_new");
    await db.collection<Order>("orders_new").insertOne({ _id: "2", status: "new" });
    await db.collection<Order>("gone").insertOne({ _id: "5", status: "dropped" });
    await db.collection("gone").drop();
    await db.renameCollection("orders", "orders_old");
    await db.renameCollection("orders_new", "orders");
    await db.collection<Order>("orders").insertOne({ _id: "3", status: "new" });
    await db.collection<Order>("orders").deleteOne({ _id: "1" });
    await db.collection<Order>("orders_new").insertOne({ _id: "9", status: "stranger" });
    await db.collection<Order>("gone").insertOne({ _id: "6", status: "again" });
  });
  await using file = await encoded(events, "parquet");
  assert.deepEqual(await latest(file.path, "orders"), ["2 new", "3 new"]);
  assert.deepEqual(await latest(file.path, "orders_old"), ["1 old"]);
  assert.deepEqual(await latest(file.path, "orders_new"), ["9 stranger"]);
  assert.deepEqual(await latest(file.path, "gone"), ["6 again"]);
});

interface Order {
  readonly _id: string;
  readonly status: string;
}

/** What the guide's query answers for a collection. */
async function latest(path: string, collection: string): Promise<string[]> {
  const page = readPages().find((each) => each.path === "docs/querying.md")!;
  const query = page.fences.find(({ text }) => text.startsWith("WITH RECURSIVE"))!.text;
  const statement = query.replace("'orders'", `'${collection}'`)
    .replace(/read_parquet\(.*\)/, `read_parquet('${path}')`);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(statement);
    return reader.getRowObjectsJS().map(({ id, status }) => `${id} ${status}`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The events of all that `change` does, as the server sends them. */
async function eventsOf(
  db: Db,
  options: object,
  change: (db: Db) => Promise<void>,
): Promise<Uint8Array[]> {
  const stream = db.watch([], options);
  const events: Uint8Array[] = [];
  await stream.tryNext();
  await change(db);
  await db.collection("end").insertOne({});
  for (;;) {
    const event = await stream.next();
    if ("ns" in event && "coll" in event.ns && event.ns.coll === "end") break;
    events.push(serialize(event));
  }
  await stream.close();
  return events;
}

async function readBack(
  events: readonly Uint8Array[],
  format: Format,
): Promise<TextRow[]> {
  await using file = await encoded(events, format);
  return format === "avro"
    ? await readWithPython(file.path, format) as TextRow[]
    : await readWithDuckDb(file.path, format);
}

async function encoded(events: readonly Uint8Array[], format: Format) {
  const encoding = { format, compression: "none", jsonMode: "relaxed" } as const;
  const encoder = createInlineEncoder(systemClock);
  const { bytes, failed } = await encoder.encode({ encoding, chunks: [chunkOf(events)] });
  assert.deepEqual(failed, []);
  const path = await Deno.makeTempFile({ suffix: `.${format}` });
  await Deno.writeFile(path, bytes);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

function openDatabase() {
  const client = new MongoClient(mongodbUri());
  const db = client.db(uniqueName("rename"));
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
