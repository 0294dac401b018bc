import assert from "node:assert/strict";
import { secondsLeft, shareRead, type SnapshotMeasure } from "../../../src/model/snapshot_share.ts";

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
