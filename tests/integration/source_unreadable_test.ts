/** Events that a real server cannot produce, read past: each costs itself and nothing else. */
import assert from "node:assert/strict";
import { BSON, type Document } from "mongodb";
import { EventSpans } from "../../src/bson/event/event_spans.ts";
import { comparePositions, type Position, positionAt } from "../../src/model/position.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { Stream } from "../../src/model/stream.ts";
import { positionOfEvent } from "../../src/bson/event/event_position.ts";
import { openReadable } from "../../src/pipeline/read/past_unreadable.ts";
import { canSplitLargeEvents } from "../../src/source/mongo/open_stream.ts";
import { here, PLAIN_SETTINGS } from "../contract/source_contract.ts";
import { type MongoUnderTest, openMongo } from "../support/mongo_source.ts";

const NEVER = new AbortController().signal;

/** Two of them in one event are over the limit of 16 MB. */
const BIG = "x".repeat(9 * 1024 * 1024);

const REQUIRED: StreamSettings = { ...PLAIN_SETTINGS, fullDocument: "required" };
const BEFORE: StreamSettings = { ...PLAIN_SETTINGS, fullDocumentBeforeChange: "required" };
const LOOKUP: StreamSettings = { ...PLAIN_SETTINGS, fullDocument: "update-lookup" };

type Rows = { readonly _id: number; n?: number; text?: string };

Deno.test("events without their images cost themselves only, wherever they lie", async (t) => {
  await using under = await openMongo();
  const start = await here(under);
  const orders = under.db.collection<Rows>("orders");
  await orders.insertOne({ _id: 1 });
  const badFirst = await here(under);
  // Bad ones first, last, alone, several in a row and in turn with good ones.
  const expected: string[] = [];
  for (const id of [10, 11, 0, 12, 0, 0, 13]) {
    await orders.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    expected.push("!u1");
    if (id === 0) continue;
    await orders.insertOne({ _id: id });
    expected.push(`i${id}`);
  }
  await orders.updateOne({ _id: 1 }, { $inc: { n: 1 } });
  expected.push("!u1");
  for (const [name, settings] of Object.entries({ REQUIRED, BEFORE })) {
    await t.step(`${name}: from the beginning`, async () => {
      assert.deepEqual(await readAll(under, start, { settings }), ["i1", ...expected]);
    });
    await t.step(`${name}: one at a time, opened again after each`, async () => {
      assert.deepEqual(await readAgain(under, badFirst, { settings }), expected);
    });
  }
  await t.step("in partitions", async () => {
    const found: string[] = [];
    for (const index of [1, 2, 3]) {
      const partition = { epoch: 1, index, of: 3 };
      const stream: Stream = { ...under.stream, partition };
      found.push(...await readAll(under, badFirst, { settings: REQUIRED, stream }));
    }
    assert.deepEqual(found.sort(), [...expected].sort());
  });
  await t.step("with stages that leave events out by what they look like", async () => {
    const stages = [{ $match: { "fullDocument._id": { $nin: [11, 13] } } }, {
      $unset: "fullDocument.x",
    }];
    const settings = { ...REQUIRED, stages };
    const seen = expected.filter((event) => event !== "i11" && event !== "i13");
    assert.deepEqual(await readAll(under, badFirst, { settings }), seen);
    assert.deepEqual(await readAgain(under, badFirst, { settings }), seen);
  });
});

Deno.test("of a transaction only the events without their images are unreadable", async () => {
  await using under = await openMongo();
  const orders = under.db.collection<Rows>("orders");
  await orders.insertOne({ _id: 1 });
  const start = await here(under);
  const expected: string[] = [];
  await under.db.client.withSession((session) =>
    session.withTransaction(async () => {
      for (let id = 100; id < 126; id++) {
        const isBad = id % 5 === 1;
        if (isBad) await orders.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
        else await orders.insertOne({ _id: id }, { session });
        expected.push(isBad ? "!u1" : `i${id}`);
      }
    })
  );
  assert.deepEqual(await readAll(under, start, { settings: REQUIRED }), expected);
  assert.deepEqual(await readAgain(under, start, { settings: REQUIRED }), expected);
});

Deno.test("streams of a database and of a deployment read past the events of one collection", async () => {
  await using under = await openMongo();
  const database = under.db.databaseName;
  const start = await here(under);
  const expected: string[] = [];
  await under.db.collection<Rows>("orders").insertOne({ _id: 1 });
  expected.push("i1");
  for (let id = 2; id < 6; id++) {
    await under.db.collection<Rows>("orders").updateOne({ _id: 1 }, { $inc: { n: 1 } });
    await under.db.collection<Rows>("items").insertOne({ _id: id });
    expected.push("!u1", `i${id}`);
  }
  const namespaces = { include: [`${database}.*`], exclude: [] };
  const settings = { ...REQUIRED, namespaces };
  // Databases of others may be dropped meanwhile, which a stream of the deployment sees whatever it selects.
  const ours = (seen: readonly string[]) => seen.filter((event) => event !== "dropDatabase");
  for (const stream of [{ level: "database", database }, { level: "deployment" }] as Stream[]) {
    assert.deepEqual(ours(await readAll(under, start, { settings, stream })), expected);
    assert.deepEqual(ours(await readAgain(under, start, { settings, stream })), expected);
  }
});

Deno.test("an event that is too large costs itself only, also twice in a row and as the last", async () => {
  await using under = await openMongo();
  const { version } = await under.source.describe(NEVER);
  const mark = canSplitLargeEvents(version) ? "" : "!";
  const orders = under.db.collection<Rows>("orders");
  await orders.insertOne({ _id: 1, text: BIG });
  const start = await here(under);
  await orders.insertOne({ _id: 2 });
  await orders.updateOne({ _id: 1 }, { $set: { text: BIG + "y" } });
  await orders.insertOne({ _id: 3 });
  await orders.updateOne({ _id: 1 }, { $set: { text: BIG + "z" } });
  await orders.updateOne({ _id: 1 }, { $set: { text: BIG } });
  const expected = ["i2", `${mark}u1`, "i3", `${mark}u1`, `${mark}u1`];
  assert.deepEqual(await readAll(under, start, { settings: LOOKUP }), expected);
  assert.deepEqual(await readAgain(under, start, { settings: LOOKUP }), expected);
});

Deno.test("hundreds of unreadable events are passed at a decent rate", async () => {
  await using under = await openMongo();
  const orders = under.db.collection<Rows>("orders");
  await orders.insertOne({ _id: 0 });
  const start = await here(under);
  const changes = Array.from({ length: 300 }, (_, i) => [
    { updateOne: { filter: { _id: 0 }, update: { $inc: { n: 1 } } } },
    { insertOne: { document: { _id: 1 + i } } },
  ]).flat();
  await orders.bulkWrite(changes);
  const seen = await readAll(under, start, { settings: REQUIRED });
  assert.deepEqual(seen, Array.from({ length: 300 }, (_, i) => ["!u0", `i${1 + i}`]).flat());
});

Deno.test("a drop right after an unreadable event ends the stream there", async () => {
  await using under = await openMongo();
  const orders = under.db.collection<Rows>("orders");
  await orders.insertOne({ _id: 1 });
  const start = await here(under);
  await orders.updateOne({ _id: 1 }, { $inc: { n: 1 } });
  await under.drop();
  const seen = await readAll(under, start, { settings: REQUIRED });
  assert.deepEqual(seen, ["!u1", "drop", "invalidate"]);
});

interface Choice {
  readonly settings: StreamSettings;
  readonly stream?: Stream;
}

/** What there is up to now, in short: `i5` an insert, `u1` an update, `!u1` one that is unreadable. */
async function readAll(under: MongoUnderTest, from: Position, choice: Choice): Promise<string[]> {
  const end = await here(under);
  const request = { stream: under.stream, from, images: "as-set" as const, ...choice };
  const cursor = await openReadable(under.source, request, NEVER);
  const seen: string[] = [];
  try {
    for (;;) {
      const reply = await cursor.next(1000);
      for (const start of reply.starts) seen.push(inShort(reply.bytes.subarray(start)));
      if (reply.unreadable !== undefined) seen.push(`!${inShort(reply.unreadable.event)}`);
      if (reply.invalidated || comparePositions(reply.highWater, end) >= 0) return seen;
    }
  } finally {
    await cursor.close();
  }
}

/** The same, with a new cursor behind each event. */
async function readAgain(under: MongoUnderTest, from: Position, choice: Choice): Promise<string[]> {
  const { operationTime } = await under.source.describe(NEVER);
  const end = positionAt(operationTime);
  const spans = new EventSpans();
  const seen: string[] = [];
  let position = from;
  await under.passTime();
  while (comparePositions(position, end) < 0) {
    const request = { stream: under.stream, from: position, images: "as-set" as const, ...choice };
    const cursor = await openReadable(under.source, request, NEVER);
    try {
      const reply = await cursor.next(1);
      const [start] = reply.starts;
      position = start === undefined ? reply.highWater : positionOfEvent(reply.bytes, start, spans);
      if (start !== undefined) seen.push(inShort(reply.bytes.subarray(start)));
      if (reply.unreadable !== undefined) seen.push(`!${inShort(reply.unreadable.event)}`);
    } finally {
      await cursor.close();
    }
  }
  return seen;
}

function inShort(bytes: Uint8Array): string {
  const event: Document = BSON.deserialize(bytes, { allowObjectSmallerThanBufferSize: true });
  const { operationType, documentKey } = event;
  return documentKey === undefined ? operationType : `${operationType[0]}${documentKey._id}`;
}
