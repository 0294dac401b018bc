import assert from "node:assert/strict";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { lostId, type SnapshotPlan } from "../../../../src/model/snapshot.ts";
import { isDue } from "../../../../src/pipeline/snapshot/due_snapshot.ts";
import { ORDERS } from "../../../support/lake_world.ts";

const TO = { operationTime: { t: 9, i: 1 }, data: "" };

async function judge(
  record: Partial<JournalRecord> | undefined,
  plans: Record<string, Partial<SnapshotPlan>> = {},
) {
  const found = new Map(
    Object.keys(plans).map((id) => [id, { hasPlan: true, hasEnd: true, isCancelled: false }]),
  );
  const files = {
    readPlan: (id: string) => Promise.resolve({ stream: ORDERS, ...plans[id] } as SnapshotPlan),
  };
  const ends = { readEnd: () => Promise.resolve(undefined) };
  const journal = { read: () => Promise.resolve(record as JournalRecord | undefined) };
  const lost = { stream: "collection.shop.orders", seq: 7 };
  const id = lostId(ORDERS, 7);
  const intent = { v: 1, id, reason: "history-lost", stream: ORDERS, lost, writtenAt: "" } as const;
  return await isDue({ ...files, ...ends }, found, journal, intent);
}

Deno.test("what was lost is read again when a record says that it was, and not before", async () => {
  assert.equal(await judge(undefined), "not-yet");
  assert.equal(await judge({ kind: "gap", to: TO }), "due");
  assert.equal(await judge({ kind: "void", to: TO }), "due");
  assert.equal(await judge({ kind: "heartbeat", to: TO }), "never");
});

Deno.test("a snapshot of the same target whose floor is behind the loss stands for another one", async () => {
  const gap = { kind: "gap", to: TO } as const;
  const behind = { floor: { t: 9, i: 1 } };
  assert.equal(await judge(gap, { "collection.shop.orders.gap-6": behind }), "never");
  assert.equal(
    await judge(gap, { "collection.shop.orders.initial": { floor: { t: 8, i: 9 } } }),
    "due",
  );
  assert.equal(await judge(gap, { "collection.shop.orders.asked-1": behind }), "due");
  const others = { level: "database", database: "shop" } as const;
  const other = { ...behind, stream: others };
  assert.equal(await judge(gap, { "collection.shop.orders.gap-6": other }), "due");
});

Deno.test("the losses of each partition are announced apart", () => {
  const partition = { epoch: 2, index: 3, of: 4 };
  const stream = {
    level: "collection",
    database: "shop",
    collection: "orders",
    partition,
  } as const;
  assert.equal(lostId(stream, 12), "collection.shop.orders.gap-2-3-4-12");
  assert.equal(lostId(ORDERS, 12), "collection.shop.orders.gap-12");
});
