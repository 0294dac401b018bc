import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import { createObjectSnapshots } from "../../../src/journal/object_snapshots.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import type { SnapshotIntent, SnapshotPlan } from "../../../src/model/snapshot.ts";
import { ORDERS, SETTINGS } from "../../support/lake_world.ts";

const ID = "collection.shop.orders.initial";
const WRITTEN_AT = "2026-11-20T17:00:00Z";
const INTENT: SnapshotIntent = {
  ...{ v: 1, id: ID, reason: "initial", stream: ORDERS, writtenAt: WRITTEN_AT },
};
const PLAN: SnapshotPlan = {
  ...{ v: 1, id: ID, stream: ORDERS, floor: { t: 5, i: 1 }, settings: SETTINGS, documents: 7 },
  ranges: [{
    pieces: [{ database: "shop", collection: "orders", uuid: "0".repeat(32), to: "DQAA" }],
  }],
  leftOut: [{ database: "shop", collection: "capped" }],
  writtenAt: WRITTEN_AT,
};

Deno.test("createObjectSnapshots() reads back what was written, and tells what there is", async () => {
  const files = createObjectSnapshots(new MemoryDestination());
  assert.equal(await files.readPlan(ID), undefined);
  assert.equal((await files.find()).size, 0);
  await files.putIntent(INTENT);
  assert.deepEqual(await files.readIntent(ID), INTENT);
  assert.deepEqual([...await files.find()], [[ID, {
    hasPlan: false,
    hasEnd: false,
    isCancelled: false,
  }]]);
  assert.deepEqual(await files.putPlan(PLAN), PLAN);
  assert.deepEqual(await files.readPlan(ID), PLAN);
  await files.putEnd({ v: 1, id: ID, writtenAt: WRITTEN_AT });
  assert.deepEqual(await files.readEnd(ID), { v: 1, id: ID, writtenAt: WRITTEN_AT });
  assert.deepEqual([...await files.find()], [[ID, {
    hasPlan: true,
    hasEnd: true,
    isCancelled: false,
  }]]);
});

Deno.test("createObjectSnapshots() lets the first plan count, and refuses what it does not know", async () => {
  const store = new MemoryDestination();
  const files = createObjectSnapshots(store);
  await files.putPlan(PLAN);
  assert.deepEqual(await files.putPlan({ ...PLAN, documents: 9 }), PLAN);
  const newer = new TextEncoder().encode(JSON.stringify({ v: 2, id: "other" }));
  await store.putIfAbsent("_tributary/snapshot/other.plan.json", newer);
  await assert.rejects(files.readPlan("other"), PermanentError);
});
