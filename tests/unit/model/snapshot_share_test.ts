import assert from "node:assert/strict";
import {
  mayLeaveOut,
  secondsLeft,
  shareRead,
  type SnapshotMeasure,
} from "../../../src/model/snapshot_share.ts";
import { SETTINGS } from "../../support/lake_world.ts";

const HALF: SnapshotMeasure = {
  ...{ documentsRead: 50, documentsExpected: 100, documentsPerSecond: 25 },
  ...{ isFiltered: false, isOver: false },
};

Deno.test("shareRead() and secondsLeft() are told where they are known", () => {
  assert.deepEqual([shareRead(HALF), secondsLeft(HALF)], [0.5, 2]);
  const more = { ...HALF, documentsRead: 120 };
  assert.deepEqual([shareRead(more), secondsLeft(more)], [1, 0]);
  assert.equal(shareRead({ ...HALF, documentsExpected: 0 }), 1);
});

Deno.test("shareRead() and secondsLeft() guess nothing", () => {
  const filtered = { ...HALF, isFiltered: true };
  const due = { ...HALF, documentsExpected: null };
  for (const each of [filtered, due]) {
    assert.deepEqual([shareRead(each), secondsLeft(each)], [null, null]);
  }
  assert.equal(secondsLeft({ ...HALF, documentsPerSecond: null }), null);
  assert.equal(secondsLeft({ ...HALF, documentsPerSecond: 0 }), null);
  assert.equal(secondsLeft({ ...HALF, isOver: true }), null);
});

Deno.test("a filter leaves documents out, and stages that match or redact; others leave each its row", () => {
  const leaves = (...stages: unknown[]) => mayLeaveOut({ settings: { ...SETTINGS, stages } });
  assert.equal(leaves(), false);
  assert.equal(leaves({ $project: { a: 0 } }, { $set: { b: "$match" } }), false);
  assert.equal(leaves({ $project: { a: 0 } }, { $match: { b: 1 } }), true);
  assert.equal(leaves({ $redact: "$$KEEP" }), true);
  assert.equal(mayLeaveOut({ where: "{}", settings: SETTINGS }), true);
});
