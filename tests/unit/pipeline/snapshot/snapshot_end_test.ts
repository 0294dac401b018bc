import assert from "node:assert/strict";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { rangeKey, type SnapshotPlan } from "../../../../src/model/snapshot.ts";
import { endOf } from "../../../../src/pipeline/snapshot/snapshot_end.ts";
import { SETTINGS } from "../../../support/lake_world.ts";

const SHOP = { level: "database", database: "shop" } as const;
const pieces = ["a", "b", "c"].map((collection) => ({ database: "shop", collection, uuid: "" }));
const PLAN: SnapshotPlan = {
  ...{ v: 1, id: "database.shop.gap-7", stream: SHOP, floor: { t: 1, i: 2 } },
  ...{ settings: SETTINGS, ranges: [{ pieces }], documents: 3, writtenAt: "" },
  leftOut: [{ database: "shop", collection: "capped" }],
};

async function end(plan: Partial<SnapshotPlan> = {}) {
  const letters = [{ key: "k", bytes: 1, events: [] }];
  const chunk = { piece: 1, row: 0, at: { t: 1, i: 3 } };
  const records = [
    { seq: 0, kind: "genesis" },
    { seq: 1, kind: "batch", deadLetters: [], chunk: { ...chunk, piece: 0 } },
    { seq: 2, kind: "batch", deadLetters: letters, chunk },
    { seq: 3, kind: "batch", deadLetters: [], chunk: { ...chunk, piece: 2, superseded: true } },
    { seq: 4, kind: "closed" },
  ] as unknown as JournalRecord[];
  const journal = { read: (_: string, seq: number) => Promise.resolve(records[seq]) };
  const all = { ...PLAN, ...plan };
  const seen = new Map([[rangeKey(all.id, 1, 1), { last: records.at(-1)! }]]);
  return await endOf(journal, all, seen, "now");
}

Deno.test("the end says which documents are gone, but not of collections of which rows may be missing", async () => {
  const { before, database, collection, except } = await end();
  assert.equal(before, "820000000100000002FF");
  assert.deepEqual([database, collection], ["shop", null]);
  assert.deepEqual(except!.map((each) => each.collection), ["capped", "b", "c"]);
});

Deno.test("nothing is said to be gone where stages may have dropped it, or where not all was asked for", async () => {
  const staged = { settings: { ...SETTINGS, stages: [{ $match: {} }] } };
  for (const plan of [staged, { id: "database.shop.asked-7" }]) {
    assert.deepEqual(Object.keys(await end(plan)).sort(), ["id", "v", "writtenAt"]);
  }
});
