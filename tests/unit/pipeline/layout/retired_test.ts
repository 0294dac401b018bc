import assert from "node:assert/strict";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { type Stream, targetKey } from "../../../../src/model/stream.ts";
import { OVERLAPS } from "../../../../src/pipeline/layout/is_retired.ts";
import { streamsOfRetired } from "../../../../src/pipeline/layout/retired.ts";
import { closeAt, lakeWith } from "../../../support/closed_journals.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const SHOP: Stream = { level: "database", database: "shop" };
const TARGET = targetKey(ORDERS);
const barrier = positionAt({ t: 50, i: 1 });
const part = (index: number) => ({ ...ORDERS, partition: { epoch: 1, index, of: 2 } }) as Stream;

function find({ journal, destination }: LakeWorld, target: Stream) {
  return streamsOfRetired(journal, createObjectLayouts(destination), target);
}

Deno.test("a database is retired when its journal is closed, and not because it overlaps another", async () => {
  assert.equal(await find(new LakeWorld(), SHOP), undefined);
  assert.deepEqual(await find(await lakeWith([[SHOP, 50]]), SHOP), [SHOP]);
  assert.equal(await find(await lakeWith([[SHOP, 50]], `${OVERLAPS}orders`), SHOP), undefined);
});

Deno.test("a collection is retired when all streams of its last layout are closed, and none is to follow", async () => {
  const world = await lakeWith([[ORDERS, 20], [part(1), 50]]);
  const layouts = createObjectLayouts(world.destination);
  assert.equal(await find(world, ORDERS), undefined);
  await layouts.put(TARGET, { epoch: 1, of: 2, barrier: positionAt({ t: 20, i: 1 }) });
  await layouts.put(TARGET, { epoch: 2, of: 0, barrier });
  assert.equal(await find(world, ORDERS), undefined, "one still runs");
  await closeAt(world, part(2), 50);
  assert.deepEqual(await find(world, ORDERS), [part(1), part(2)]);
  await layouts.put(TARGET, { epoch: 3, of: 1, barrier });
  assert.equal(await find(world, ORDERS), undefined, "it is brought further");
});
