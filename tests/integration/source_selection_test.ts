import assert from "node:assert/strict";
import { BSON, Double, Long } from "mongodb";
import { PermanentError } from "../../src/model/errors.ts";
import { type Position, positionAfterToken } from "../../src/model/position.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { Stream } from "../../src/model/stream.ts";
import type { OpenRequest } from "../../src/pipeline/ports.ts";
import {
  eventsOf,
  here,
  openFrom,
  PLAIN_SETTINGS,
  readTo,
  readToInvalidate,
  readUntil,
} from "../contract/source_contract.ts";
import { type MongoUnderTest, openMongo } from "../support/mongo_source.ts";

Deno.test("open at the level of a database sees all its collections", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await under.insert(1, "orders");
  await under.insert(1, "customers");
  const found = await namesSince(under, start, databaseOf(under), {});
  assert.deepEqual(found, ["insert orders", "insert customers"]);
});

Deno.test("open at the level of the deployment sees all databases, or those that are wanted", async () => {
  await using under = await openMongo();
  await using other = await openMongo();
  const start = await here(under);
  await under.insert(1);
  await other.insert(1);
  const settings = { namespaces: { include: [`${under.db.databaseName}.*`], exclude: [] } };
  const found = await namesSince(under, start, { level: "deployment" }, settings);
  assert.deepEqual(found, ["insert orders"]);
  const stream: Stream = { level: "deployment" };
  await using opened = await openFrom(under, start, { stream });
  const all = await readTo(opened.cursor, await here(under));
  assert.ok(all.length >= 2);
});

Deno.test("namespaces select collections by name and by pattern, and excludes win", async () => {
  await using under = await openMongo();
  const start = await here(under);
  const names = ["orders", "orders.old", "customers", "logs_1", "logs_2", "x+y"];
  for (const name of names) await under.insert(1, name);
  const database = under.db.databaseName;
  const select = async (include: string[], exclude: string[]) => {
    const namespaces = {
      include: include.map((name) => `${database}.${name}`),
      exclude: exclude.map((name) => `${database}.${name}`),
    };
    const found = await namesSince(under, start, databaseOf(under), { namespaces });
    return found.map((name) => name.replace("insert ", ""));
  };
  assert.deepEqual(await select(["orders", "x+y"], []), ["orders", "x+y"]);
  assert.deepEqual(await select(["orders*"], []), ["orders", "orders.old"]);
  assert.deepEqual(await select(["*"], ["logs_*", "orders"]), ["orders.old", "customers", "x+y"]);
  assert.deepEqual(await select([], ["*s"]), ["orders.old", "logs_1", "logs_2", "x+y"]);
  assert.deepEqual(await select(["order"], []), []);
});

Deno.test("namespaces let pass what is renamed into a wanted one, drops of the database, and the invalidate", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await under.insert(1, "draft");
  await under.db.collection("draft").rename("final");
  await under.insert(1, "draft");
  await under.db.collection("draft").rename("trash");
  await under.db.dropDatabase();
  const database = under.db.databaseName;
  const settings = {
    ...PLAIN_SETTINGS,
    namespaces: { include: [`${database}.final`], exclude: [] },
  };
  const { events } = await readToInvalidate(under, start, {
    stream: databaseOf(under),
    settings,
  });
  const kinds = events.map((event) => event.operation);
  assert.deepEqual(kinds, ["rename", "drop", "dropDatabase", "invalidate"]);
});

Deno.test("a database stream whose events are all filtered out goes on after dropDatabase", async () => {
  await using under = await openMongo();
  await under.insert(1);
  const start = await here(under);
  await under.db.dropDatabase();
  await under.insert(2);
  const stages = [{ $match: { operationType: "insert" } }];
  const overrides = { stream: databaseOf(under), settings: { ...PLAIN_SETTINGS, stages } };
  const first = await readToInvalidate(under, start, overrides);
  assert.deepEqual(first.events, []);
  await using opened = await openFrom(under, first.highWater, overrides);
  assert.equal((await readUntil(opened.cursor, 2, 10)).length, 2);
});

Deno.test("a collection that is renamed ends its stream, which goes on with the next of that name", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await under.insert(1);
  await under.db.collection("orders").rename("old");
  await under.insert(2);
  const first = await readToInvalidate(under, start);
  const kinds = first.events.map((event) => event.operation);
  assert.deepEqual(kinds, ["insert", "rename", "invalidate"]);
  await using opened = await openFrom(under, first.highWater);
  assert.equal((await readUntil(opened.cursor, 2, 10)).length, 2);
});

Deno.test("user stages in canonical Extended JSON shape and select events", async () => {
  await using under = await openMongo();
  const start = await here(under);
  await under.db.collection<{ _id: Long }>("orders").insertMany([
    { _id: Long.fromString("9007199254740993") },
    { _id: Long.fromString("9007199254740992") },
  ]);
  const stages = [{ $match: { "documentKey._id": { $numberLong: "9007199254740993" } } }];
  assert.equal((await namesSince(under, start, under.stream, { stages })).length, 1);
});

Deno.test("stages that the server refuses are a permanent error that says so", async () => {
  await using under = await openMongo();
  const start = await here(under);
  for (const stage of [{ $nonsense: 1 }, { $group: { _id: 1 } }, { $match: { $bad: 1 } }]) {
    const settings = { ...PLAIN_SETTINGS, stages: [stage] };
    await assert.rejects(openFrom(under, start, { settings }), (error) => {
      assert.ok(error instanceof PermanentError, String(error));
      assert.match(error.message, /does not accept the pipeline stages/);
      return true;
    });
  }
});

Deno.test("a view is refused with the reason", async () => {
  await using under = await openMongo();
  await under.db.createCollection("view", { viewOn: "orders", pipeline: [] });
  const stream: Stream = { ...under.stream, collection: "view" };
  const opening = openFrom(under, await here(under), { stream });
  await assert.rejects(opening, /a view has no change stream/);
});

Deno.test("positions of every type of _id lead to exactly the rest", async () => {
  await using under = await openMongo();
  const start = await here(under);
  const ids: unknown[] = [
    Long.fromString("9007199254740993"),
    new Double(1.5),
    new Double(-0),
    BSON.Decimal128.fromString("1.10"),
    BSON.Decimal128.fromString("-1E+20"),
    "text",
    { a: new Double(2), b: [Long.fromNumber(3)] },
    new BSON.UUID(),
    7,
  ];
  const rows = ids.map((_id) => ({ _id })) as unknown as BSON.Document[];
  await under.db.collection("orders").insertMany(rows);
  await using opened = await openFrom(under, start);
  const all = await readUntil(opened.cursor, ids.length, 100);
  for (const [index, event] of all.entries()) {
    await using again = await openFrom(under, positionAfterToken(event.data));
    const rest = await readUntil(again.cursor, ids.length - index - 1, 100);
    assert.deepEqual(rest, all.slice(index + 1));
  }
});

Deno.test("all events of a transaction are read, from any of them on", async () => {
  await using under = await openMongo();
  const start = await here(under);
  const session = under.db.client.startSession();
  await session.withTransaction(async () => {
    const rows = Array.from({ length: 5 }, (_, index) => ({ index }));
    await under.db.collection("orders").insertMany(rows, { session });
  });
  await session.endSession();
  await using opened = await openFrom(under, start);
  const all = await readUntil(opened.cursor, 5, 2);
  for (const [index, event] of all.entries()) {
    await using again = await openFrom(under, positionAfterToken(event.data));
    assert.deepEqual(await readUntil(again.cursor, 4 - index, 100), all.slice(index + 1));
  }
});

function databaseOf(under: MongoUnderTest): Stream {
  return { level: "database", database: under.db.databaseName };
}

/** `operation collection` of each event from `start` to now. */
async function namesSince(
  under: MongoUnderTest,
  start: Position,
  stream: Stream,
  overrides: Partial<StreamSettings>,
): Promise<string[]> {
  const request: Partial<OpenRequest> = {
    stream,
    settings: { ...PLAIN_SETTINGS, ...overrides },
  };
  const end = await here(under);
  await using opened = await openFrom(under, start, request);
  const names: string[] = [];
  while (true) {
    const reply = await opened.cursor.next(100);
    for (const [index, event] of eventsOf(reply).entries()) {
      const document = BSON.deserialize(reply.bytes.subarray(reply.starts[index]), {
        allowObjectSmallerThanBufferSize: true,
      });
      names.push(`${event.operation} ${document["ns"].coll}`);
    }
    const { t, i } = reply.highWater.operationTime;
    if (t > end.operationTime.t || (t === end.operationTime.t && i >= end.operationTime.i)) {
      return names;
    }
  }
}
