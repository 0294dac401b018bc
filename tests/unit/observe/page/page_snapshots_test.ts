import assert from "node:assert/strict";
import { FORMAT_SCRIPT } from "../../../../src/observe/page/page_format.ts";
import { SNAPSHOTS_SCRIPT } from "../../../../src/observe/page/page_snapshots.ts";
import { pageFunctions } from "../../../support/page_functions.ts";

const { snapshotItem } = pageFunctions(["snapshotItem"], FORMAT_SCRIPT, SNAPSHOTS_SCRIPT);

const RUNNING = {
  ...{ name: "collection:shop.orders", state: "running", isFiltered: false, share: 0.257 },
  ...{ documentsRead: 1_285_000, documentsExpected: 5_000_000, documentsPerSecond: 12_500 },
  ...{ bytesStored: 300 << 20, secondsLeft: 297 },
};

Deno.test("the page says how far a snapshot is, and how long it takes", () => {
  assert.deepEqual(snapshotItem!(RUNNING), {
    name: "shop.orders",
    note: "25 %, 1.3M of about 5M documents, 300 MiB stored, 12.5K a second, 5 min left",
    pill: ["good", "being read"],
  });
});

Deno.test("the page guesses nothing of a snapshot", () => {
  const nothing = { share: null, secondsLeft: null, documentsPerSecond: null };
  const note = (differs: object) => snapshotItem!({ ...RUNNING, ...nothing, ...differs }).note;
  assert.equal(note({ isFiltered: true }), "1.3M documents that fit a filter, 300 MiB stored");
  assert.equal(note({ state: "complete", share: 1 }), "1.3M documents, 300 MiB stored");
  assert.match(note({ state: "due", documentsExpected: null }), /^waits for its stream/);
  assert.deepEqual(snapshotItem!({ ...RUNNING, state: "new" }).pill, ["", "new"]);
});
