import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import {
  HistoryLostError,
  PermanentError,
  UnreadableEventError,
} from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { OpenRequest } from "../../../../src/pipeline/ports.ts";
import { MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { createMemorySource } from "../../../../src/source/memory/memory_source.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { eventsOf, PLAIN_SETTINGS } from "../../../contract/source_contract.ts";

const never = new AbortController().signal;
const START = { t: 1000, i: 1 };
const id = new ObjectId("0123456789abcdef01234567");

function world() {
  const oplog = new MemoryOplog(START);
  const source = createMemorySource({ oplog, clock: systemClock, awaitMs: 5 });
  const open = (overrides: Partial<OpenRequest> = {}) => {
    const stream = { level: "deployment" } as const;
    const from = positionAt(START);
    const images = "as-set";
    return source.open({ stream, from, settings: PLAIN_SETTINGS, images, ...overrides }, never);
  };
  return { oplog, open };
}

Deno.test("memory source: levels and namespaces select as the server does", async () => {
  const { oplog, open } = world();
  for (const [database, collection] of [["a", "x"], ["a", "y"], ["b", "x"]] as const) {
    oplog.append({ operation: "delete", database, collection, id });
  }
  oplog.append({ operation: "dropDatabase", database: "b" });
  const count = async (overrides: Partial<OpenRequest>) => {
    const cursor = await open(overrides);
    const { starts } = await cursor.next(100);
    await cursor.close();
    return starts.length;
  };
  assert.equal(await count({}), 4);
  assert.equal(await count({ stream: { level: "database", database: "a" } }), 2);
  const namespaces = { include: ["a.x"], exclude: [] };
  assert.equal(await count({ settings: { ...PLAIN_SETTINGS, namespaces } }), 2);
});

Deno.test("memory source: dropDatabase ends a database stream, not a deployment's", async () => {
  const { oplog, open } = world();
  oplog.append({ operation: "dropDatabase", database: "a" });
  const database = await open({ stream: { level: "database", database: "a" } });
  const reply = await database.next(10);
  assert.equal(reply.invalidated, true);
  assert.deepEqual(eventsOf(reply).map((e) => e.operation), ["dropDatabase", "invalidate"]);
  const deployment = await open();
  assert.equal((await deployment.next(10)).invalidated, false);
});

Deno.test("memory source: the token of an end is good for the form of change stream that has ended", async () => {
  const { oplog, open } = world();
  oplog.append({ operation: "insert", database: "a", collection: "x", id });
  oplog.append({ operation: "drop", database: "a", collection: "x" });
  const stream = { level: "collection", database: "a", collection: "x" } as const;
  const { highWater: from } = await (await open({ stream })).next(10);
  assert.equal(from.invalidate, true);
  assert.equal((await (await open({ stream, from })).next(10)).starts.length, 0);
  const database = { level: "database", database: "a" } as const;
  await assert.rejects(open({ stream: database, from }), HistoryLostError);
  const { invalidate: _, ...plain } = from;
  assert.equal((await (await open({ stream: database, from: plain })).next(10)).starts.length, 0);
});

Deno.test("memory source: a drop that fills the reply leaves the invalidate to the next", async () => {
  const { oplog, open } = world();
  oplog.append({ operation: "drop", database: "a", collection: "x" });
  const stream = { level: "collection", database: "a", collection: "x" } as const;
  const cursor = await open({ stream });
  const first = await cursor.next(1);
  assert.deepEqual(eventsOf(first).map((e) => e.operation), ["drop"]);
  assert.equal(first.invalidated, false);
  const second = await cursor.next(1);
  assert.deepEqual(eventsOf(second).map((e) => e.operation), ["invalidate"]);
  assert.equal(second.invalidated, true);
});

Deno.test("memory source: an unreadable event fails the whole reply unless no images are asked for", async () => {
  const { oplog, open } = world();
  const target = { database: "a", collection: "x", id };
  oplog.append({ ...target, operation: "delete" });
  oplog.append({ ...target, operation: "update", unreadable: "too-large" });
  const cursor = await open();
  assert.equal((await cursor.next(1)).starts.length, 1);
  await assert.rejects(cursor.next(1), (error) => {
    return error instanceof UnreadableEventError && error.reason === "too-large";
  });
  await assert.rejects((await open()).next(2), UnreadableEventError);
  assert.equal((await (await open({ images: "off" })).next(2)).starts.length, 2);
});

Deno.test("memory source: history that was cut off is lost, at open and while reading", async () => {
  const { oplog, open } = world();
  const cursor = await open();
  for (let i = 0; i < 3; i++) {
    oplog.append({ operation: "delete", database: "a", collection: "x", id });
  }
  oplog.truncateBefore({ t: 1000, i: 3 });
  await assert.rejects(cursor.next(10), HistoryLostError);
  await assert.rejects(open(), HistoryLostError);
});

Deno.test("memory source: user stages are refused", async () => {
  const { open } = world();
  const settings = { ...PLAIN_SETTINGS, stages: [{ $match: {} }] };
  await assert.rejects(open({ settings }), PermanentError);
});

Deno.test("memory source: a waiting next is woken by an append", async () => {
  const oplog = new MemoryOplog(START);
  const source = createMemorySource({ oplog, clock: systemClock, awaitMs: 600_000 });
  const cursor = await source.open({
    stream: { level: "deployment" },
    from: positionAt(START),
    settings: PLAIN_SETTINGS,
    images: "as-set",
  }, never);
  const waiting = cursor.next(10);
  oplog.append({ operation: "delete", database: "a", collection: "x", id });
  assert.equal((await waiting).starts.length, 1);
  await cursor.close();
});
