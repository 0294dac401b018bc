import assert from "node:assert/strict";
import { BSON, ObjectId, Timestamp } from "mongodb";
import { invalidateEvent, MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";

const START = { t: 1000, i: 1 };
const id = new ObjectId("0123456789abcdef01234567");
const orders = { database: "shop", collection: "orders" };

Deno.test("MemoryOplog.append makes the event that the server would send", () => {
  const oplog = new MemoryOplog(START);
  const updateDescription = { updatedFields: { n: 2 }, removedFields: [] };
  const entry = oplog.append({ ...orders, operation: "update", id, updateDescription });
  assert.deepEqual(BSON.deserialize(entry.event), {
    _id: { _data: entry.data },
    operationType: "update",
    clusterTime: new Timestamp({ t: 1000, i: 2 }),
    wallTime: BSON.EJSON.deserialize({ $date: { $numberLong: "1000000" } }),
    ns: { db: "shop", coll: "orders" },
    documentKey: { _id: id },
    updateDescription,
  });
  assert.deepEqual(oplog.operationTime, { t: 1000, i: 2 });
});

Deno.test("MemoryOplog gives the same bytes for the same changes", () => {
  const fill = () => {
    const oplog = new MemoryOplog(START);
    oplog.append({ ...orders, operation: "insert", id, fullDocument: { _id: id } });
    oplog.append({ ...orders, operation: "drop" });
    oplog.append({ operation: "dropDatabase", database: "shop" });
    return oplog.entries.map((entry) => BSON.deserialize(entry.event));
  };
  assert.deepEqual(fill(), fill());
});

Deno.test("MemoryOplog gives a collection another UUID after a drop", () => {
  const oplog = new MemoryOplog(START);
  const [first, drop, second] = [
    oplog.append({ ...orders, operation: "delete", id }),
    oplog.append({ ...orders, operation: "drop" }),
    oplog.append({ ...orders, operation: "delete", id }),
  ];
  assert.equal(first.uuid, drop.uuid);
  assert.notEqual(first.uuid, second.uuid);
});

Deno.test("invalidateEvent sorts right after the drop it comes from", () => {
  const oplog = new MemoryOplog(START);
  const drop = oplog.append({ ...orders, operation: "drop" });
  const next = oplog.append({ ...orders, operation: "delete", id });
  const { data, event } = invalidateEvent(drop);
  assert.ok(drop.data < data && data < next.data);
  assert.equal(BSON.deserialize(event)["operationType"], "invalidate");
});

Deno.test("MemoryOplog.truncateBefore cuts off what is older and remembers where", () => {
  const oplog = new MemoryOplog(START);
  for (let i = 0; i < 4; i++) oplog.append({ ...orders, operation: "delete", id });
  oplog.truncateBefore({ t: 1000, i: 4 });
  assert.deepEqual(oplog.entries.map((entry) => entry.time.i), [4, 5]);
  assert.deepEqual(oplog.oldestTime, { t: 1000, i: 4 });
  oplog.truncateBefore({ t: 1000, i: 2 });
  assert.deepEqual(oplog.oldestTime, { t: 1000, i: 4 });
  oplog.truncateBefore({ t: 2000, i: 1 });
  assert.equal(oplog.entries.length, 0);
});

Deno.test("MemoryOplog.advanceTo lets time pass and never turns it back", () => {
  const oplog = new MemoryOplog(START);
  let rings = 0;
  const stop = oplog.onAppend(() => rings++);
  oplog.advanceTo({ t: 1005, i: 3 });
  oplog.advanceTo({ t: 1001, i: 1 });
  assert.deepEqual(oplog.operationTime, { t: 1005, i: 3 });
  assert.equal(oplog.append({ ...orders, operation: "delete", id }).time.i, 4);
  assert.equal(rings, 2);
  stop();
  oplog.advanceTo({ t: 1006, i: 1 });
  assert.equal(rings, 2);
});

Deno.test("MemoryOplog keeps the UUID of a collection that is renamed, and gives its old name another", () => {
  const oplog = new MemoryOplog(START);
  const insert = (collection: string) =>
    oplog.append({ operation: "insert", database: "shop", collection, id });
  const [old, target] = [insert("old"), insert("target")];
  const rename = {
    operation: "rename",
    database: "shop",
    collection: "old",
    to: "target",
  } as const;
  assert.equal(oplog.append(rename).uuid, old.uuid);
  assert.deepEqual(oplog.collections, ["shop.target"]);
  assert.equal(insert("target").uuid, old.uuid);
  assert.notEqual(insert("old").uuid, old.uuid);
  oplog.append({ operation: "drop", database: "shop", collection: "target" });
  const again = insert("target").uuid;
  assert.ok(again !== old.uuid && again !== target.uuid);
});

Deno.test("MemoryOplog.restoredAt has the entries up to that time and goes on by itself", () => {
  const oplog = new MemoryOplog(START);
  const first = oplog.append({ ...orders, operation: "insert", id, fullDocument: { n: 1 } });
  const second = oplog.append({ ...orders, operation: "insert", id, fullDocument: { n: 2 } });
  const restored = oplog.restoredAt(first.time);
  assert.deepEqual(restored.entries, [first]);
  assert.deepEqual(restored.operationTime, first.time);
  assert.deepEqual(restored.oldestTime, oplog.oldestTime);
  const other = restored.append({ ...orders, operation: "insert", id, fullDocument: { n: 3 } });
  assert.deepEqual(other.time, second.time);
  assert.deepEqual(oplog.entries, [first, second]);
});

Deno.test("MemoryOplog.knows no time between a restore and what the server did next", () => {
  const restored = new MemoryOplog(START).restoredAt(START);
  assert.equal(
    restored.knows({ t: 1001, i: 1 }),
    true,
    "that is for the server's last operation to say",
  );
  restored.advanceTo({ t: 1060, i: 1 });
  restored.advanceTo({ t: 1090, i: 1 });
  const known = [1000, 1001, 1059, 1060, 1075, 1090].filter((t) => restored.knows({ t, i: 1 }));
  assert.deepEqual(known, [1000, 1060, 1075, 1090]);
});
