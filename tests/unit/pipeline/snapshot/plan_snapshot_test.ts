import assert from "node:assert/strict";
import type { ClusterTime } from "../../../../src/model/cluster_time.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import type { SurveyedCollection } from "../../../../src/pipeline/documents.ts";
import { planSnapshot } from "../../../../src/pipeline/snapshot/plan_snapshot.ts";
import { SETTINGS } from "../../../support/lake_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const FLOOR = { t: 5, i: 1 };
const SHOP = { level: "database", database: "shop" } as const;

/** The plan for collections with so many documents each, `name=count`. */
async function planOf(
  found: readonly Partial<SurveyedCollection>[],
  bounds: readonly string[] = [],
  at: ClusterTime = FLOOR,
  leaveOut: readonly Stream[] = [],
) {
  const documents = {
    survey: () =>
      Promise.resolve(found.map((each) => ({
        ...{ database: "shop", collection: "c", uuid: "0", documents: 1, isCapped: false, ...each },
      }))),
    divide: () => Promise.resolve({ at, bounds }),
    open: () => Promise.reject(new Error("Not to be read")),
  };
  const parts = {
    documents,
    settings: SETTINGS,
    clock: new VirtualClock(),
    rangeDocumentsMax: 10,
    leaveOut,
  };
  const intent = { v: 1, id: "id", reason: "initial", stream: SHOP, writtenAt: "" } as const;
  return await planSnapshot(parts, intent, FLOOR, new AbortController().signal);
}

Deno.test("small collections share ranges, and a range is not much larger than is wanted", async () => {
  const sizes = [4, 4, 4, 4, 0];
  const { ranges, documents, floor } = await planOf(
    sizes.map((documents, i) => ({ collection: `c${i}`, documents })),
  );
  assert.deepEqual(ranges.map(({ pieces }) => pieces.map(({ collection }) => collection)), [
    ["c0", "c1", "c2"],
    ["c3", "c4"],
  ]);
  assert.equal(documents, 16);
  assert.deepEqual(floor, FLOOR);
});

Deno.test("a large collection is divided, and its greatest _id is a piece of its own", async () => {
  const { ranges } = await planOf([{ documents: 25 }], ["b", "g", "z"]);
  const whole = { database: "shop", collection: "c", uuid: "0" };
  assert.deepEqual(ranges.map(({ pieces }) => pieces), [
    [{ ...whole, to: "b" }],
    [{ ...whole, from: "b", to: "g" }],
    [{ ...whole, from: "g", to: "z" }],
    [{ ...whole, only: "z" }],
  ]);
});

Deno.test("bounds that were read before the floor are not taken", async () => {
  const planned = planOf([{ documents: 25 }], ["b", "z"], { t: 5, i: 0 });
  await assert.rejects(planned, /Cannot divide shop.c yet: the server reads at a time before/);
});

Deno.test("capped collections are never divided, and their pieces say what they are", async () => {
  const { ranges, leftOut } = await planOf([{ isCapped: true, documents: 30 }], ["b", "g", "z"]);
  const piece = { database: "shop", collection: "c", uuid: "0", isCapped: true };
  assert.deepEqual(ranges, [{ pieces: [piece] }]);
  assert.deepEqual(leftOut, []);
});

Deno.test("where there is nothing there are no ranges", async () => {
  assert.deepEqual((await planOf([])).ranges, []);
});

Deno.test("collections that had streams of their own are left out, and the plan says so", async () => {
  const found = [{ collection: "a", documents: 3 }, { collection: "b", documents: 4 }];
  const had = { level: "collection", database: "shop", collection: "a" } as const;
  const { ranges, leftOut, documents } = await planOf(found, [], FLOOR, [had]);
  assert.deepEqual(ranges.map(({ pieces }) => pieces.map(({ collection }) => collection)), [["b"]]);
  assert.deepEqual([leftOut, documents], [[{ database: "shop", collection: "a" }], 4]);
  const all = await planOf(found, [], FLOOR, [SHOP]);
  assert.deepEqual([all.ranges, all.leftOut.length, all.documents], [[], 2, 0]);
});
