import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import { type Position, positionAfterTime, positionAt } from "../../src/model/position.ts";
import type { Stream } from "../../src/model/stream.ts";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { assertSnapshotIsDue } from "./start_rules.ts";
import { TrueDocuments } from "./true_documents.ts";

const PLACE = { database: "shop", collection: "orders" };
const ORDERS: Stream = { level: "collection", ...PLACE };
const ID = new ObjectId();
/** When the document comes. */
const CAME = { t: 110, i: 2 };
const BEFORE = positionAt({ t: 105, i: 1 });
const AFTER = positionAfterTime({ t: 115, i: 1 });

/** A collection begins, in which a document comes, and goes in the end if it `isDeleted`. */
function begin(start: Position, target = ORDERS, due: string[] = [], isDeleted = false): void {
  const oplog = new MemoryOplog({ t: 100, i: 1 });
  const documents = new TrueDocuments();
  oplog.advanceTo({ t: 110, i: 1 });
  documents.add(oplog.append({ operation: "insert", ...PLACE, id: ID, fullDocument: { n: 1 } }));
  oplog.advanceTo({ t: 120, i: 1 });
  if (isDeleted) documents.add(oplog.append({ operation: "delete", ...PLACE, id: ID }));
  const serverTime = oplog.operationTime;
  assertSnapshotIsDue({ target, start, due: new Set(due), documents, serverTime });
}

Deno.test("a collection may begin with a snapshot that is due, or empty", () => {
  begin(BEFORE);
  begin(AFTER, ORDERS, ["collection.shop.orders.initial"]);
  begin(AFTER, ORDERS, ["collection.shop.orders.rest"]);
  begin(AFTER, ORDERS, [], true);
});

Deno.test("what comes at the time of a start is an event of the stream, unless the start is after that time", () => {
  begin(positionAt(CAME));
  assert.throws(() => begin(positionAfterTime(CAME)), /with documents/);
});

Deno.test("a collection with documents must not begin without a snapshot", () => {
  assert.throws(() => begin(AFTER), /begins with documents in it, and no snapshot of it is due/);
  assert.throws(() => begin(AFTER, ORDERS, ["collection.shop.prices.initial"]), /with documents/);
});

Deno.test("a database must not begin without a snapshot", () => {
  const shop: Stream = { level: "database", database: "shop" };
  assert.throws(() => begin(BEFORE, shop), /database.shop begins and no snapshot of it is due/);
});
