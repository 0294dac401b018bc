import assert from "node:assert/strict";
import type { BatchRecord, JournalRecord } from "../../../../src/model/record.ts";
import {
  correctionsIn,
  durableThrough,
  objectsOf,
  stepsOf,
} from "../../../../src/table/follow/table_steps.ts";
import { TABLE_SETTINGS } from "../../../support/table_world.ts";

const POSITION = { operationTime: { t: 1, i: 1 }, data: "" };
const BASE = {
  v: 3,
  ...{ from: POSITION, to: POSITION, owner: "a", generation: 1, settingsSeq: 0 },
  writtenAt: "2026-11-20T17:00:00.000Z",
} as const;

function batch(seq: number, durableThrough = -1): BatchRecord {
  const objects = ["orders", "items"].map((collection) => ({
    key: `db=shop/coll=${collection}/hour=17/${seq}.parquet`,
    ...{ database: "shop", collection, bucket: "2026-11-20T17", rows: 2, bytes: 9 },
  }));
  return { ...BASE, kind: "batch", seq, id: `id-${seq}`, durableThrough, objects, deadLetters: [] };
}

const voided: JournalRecord = {
  ...{ ...BASE, kind: "void", seq: 4, id: "id-4", durableThrough: 3, reason: "gone" },
  objects: [1, 2].map((seq) => ({
    seq,
    key: `db=shop/coll=orders/hour=17/${seq}.parquet`,
    rows: 2,
  })),
};

Deno.test("what later records say of objects is gathered, and a redo's record does not say what is durable", () => {
  const remade = { seq: 1, key: "k", bytes: 12, crc32: "00000000" };
  const records: JournalRecord[] = [
    batch(1),
    batch(2, 1),
    voided,
    { ...BASE, kind: "heartbeat", seq: 5, id: "id-5", durableThrough: 1, remade: [remade] },
    { ...BASE, kind: "emptied", seq: 6, id: "id-6", durableThrough: 5, chunks: [2] },
  ];
  const corrections = correctionsIn(records);
  assert.deepEqual(corrections.remade, new Map([["k", 12]]));
  assert.deepEqual(objectsOf(batch(1), corrections).map((o) => o.collection), ["items"]);
  assert.deepEqual(objectsOf(batch(2), corrections), []);
  assert.equal(durableThrough(records), 1);
  assert.equal(durableThrough([]), -1);
});

Deno.test("a record is a step for each folder, with the hour of its objects as bounds", () => {
  const corrections = { ...correctionsIn([]), remade: new Map([[batch(1).objects[0]!.key, 11]]) };
  const { byFolder, refusals } = stepsOf(batch(1), TABLE_SETTINGS, corrections, 0);
  assert.deepEqual([...byFolder.keys()], ["db=shop/coll=orders", "db=shop/coll=items"]);
  assert.equal(refusals.size, 0);
  const fromMs = Date.parse("2026-11-20T17:00:00Z");
  assert.deepEqual(byFolder.get("db=shop/coll=orders")!.step.files, [{
    ...{ path: "hour=17/1.parquet", bytes: 11, rows: 2, writtenAtMs: fromMs },
    bounds: { fromMs, toMs: fromMs + 3_599_999 },
  }]);
});

Deno.test("what is void is taken out of the table that has it already, and counted", () => {
  const { byFolder } = stepsOf(voided, TABLE_SETTINGS, correctionsIn([]), 1);
  const { step } = byFolder.get("db=shop/coll=orders")!;
  assert.deepEqual(step.gone, ["hour=17/1.parquet"]);
  assert.equal(step.holes.voidedObjects, 2);
});

Deno.test("gaps and dead letters are of the stream, and a dropDatabase is of no table", () => {
  const none = correctionsIn([]);
  const gap = { ...BASE, kind: "gap", seq: 1, id: "a", durableThrough: 0, reason: "x" } as const;
  assert.deepEqual(stepsOf(gap, TABLE_SETTINGS, none, 0).holes.gaps, 1);
  const letters = [{ key: "l", bytes: 1, events: [{ data: "a", reason: "b" }] }];
  const objects = [{ ...batch(1).objects[0]!, collection: null }];
  const record = { ...batch(1), objects, deadLetters: letters };
  const made = stepsOf(record, TABLE_SETTINGS, none, 0);
  assert.deepEqual([made.holes.deadLetters, made.byFolder.size], [1, 0]);
});
