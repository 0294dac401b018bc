import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import { PermanentError, UnreadableEventError } from "../../../../src/model/errors.ts";
import {
  type Position,
  positionAfterTime,
  positionAfterToken,
  positionAt,
} from "../../../../src/model/position.ts";
import { type MemoryChange, MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { ServerCursor } from "../../../../src/source/memory/memory_server.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";

const START = { t: 1000, i: 1 };
const id = new ObjectId("0123456789abcdef01234567");
const orders = { database: "shop", collection: "orders", id };
const ORDERS = { level: "collection", database: "shop", collection: "orders" } as const;

function openServer(oplog: MemoryOplog, from: Position, splits = false): ServerCursor {
  const request = { stream: ORDERS, from, settings: PLAIN_SETTINGS, images: "as-set" } as const;
  return new ServerCursor(oplog, request, splits);
}

Deno.test("ServerCursor begins with the first event of its time, whatever the reader has seen", () => {
  const oplog = new MemoryOplog(START);
  const changes: MemoryChange[] = Array.from({ length: 3 }, () => ({
    ...orders,
    operation: "delete",
  }));
  const [first] = oplog.appendTransaction(changes);
  assert.equal(openServer(oplog, positionAt(first!.time)).read(10).starts.length, 3);
});

Deno.test("ServerCursor fails on an event that it cannot produce, each time", () => {
  const oplog = new MemoryOplog(START);
  const bad = oplog.append({ ...orders, operation: "update", unreadable: "image-missing" });
  oplog.append({ ...orders, operation: "delete" });
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.throws(() => openServer(oplog, positionAt(bad.time)).read(1), UnreadableEventError);
  }
});

Deno.test("ServerCursor takes the token of an invalidate, and none that no server has made", () => {
  const oplog = new MemoryOplog(START);
  const drop = oplog.append({ database: "shop", collection: "orders", operation: "drop" });
  const { id, highWater } = openServer(oplog, positionAt(START)).read(10);
  assert.equal(id, 0n);
  oplog.append({ ...orders, operation: "delete" });
  const after: Position = { ...highWater!, invalidate: true };
  assert.equal(openServer(oplog, after).read(10).starts.length, 1);
  const invented: Position = {
    ...positionAfterToken(`${positionAfterTime(drop.time).data.slice(0, 18)}2B05`),
    invalidate: true,
  };
  assert.throws(() => openServer(oplog, invented), PermanentError);
});

Deno.test("ServerCursor sends the fragments of a large event in replies of their own", () => {
  const oplog = new MemoryOplog(START);
  oplog.append({ ...orders, operation: "delete" });
  oplog.append({ ...orders, operation: "update", fullDocument: {}, unreadable: "too-large" });
  oplog.append({ ...orders, operation: "delete" });
  const cursor = openServer(oplog, positionAt(START), true);
  const counts = Array.from({ length: 4 }, () => cursor.read(10).starts.length);
  assert.deepEqual(counts, [1, 1, 1, 2]);
});
