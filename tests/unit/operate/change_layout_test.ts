import assert from "node:assert/strict";
import type { CollectionStream } from "../../../src/model/layout.ts";
import { positionAfterTime } from "../../../src/model/position.ts";
import { changeLayout, settledLayout } from "../../../src/operate/change_layout.ts";
import { streamsToRun } from "../../../src/pipeline/layout/layout_streams.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const COLLECTION = ORDERS as CollectionStream;
const TARGET = "collection.shop.orders";

Deno.test("changeLayout fixes a barrier at the server's last operation", async () => {
  const world = await filledWorld();
  const parts = operatorParts(world);
  const barrier = positionAfterTime(world.oplog.operationTime);
  const layout = await changeLayout(parts, COLLECTION, 2);
  assert.deepEqual(layout, { epoch: 1, of: 2, barrier });
  assert.deepEqual(await parts.layouts.read(TARGET, 1), layout);
});

Deno.test("changeLayout refuses what is in force, and a second change before the first is", async () => {
  const world = await filledWorld();
  const parts = operatorParts(world);
  await assert.rejects(changeLayout(parts, COLLECTION, 1), /into one stream: that is what it has/);
  await changeLayout(parts, COLLECTION, 2);
  await assert.rejects(changeLayout(parts, COLLECTION, 3), /layout 1 with 2 streams is under way/);
  await runAll(world);
  assert.deepEqual(await settledLayout(world.journal, parts.layouts, COLLECTION), {
    epoch: 1,
    of: 2,
    barrier: (await parts.layouts.read(TARGET, 1))!.barrier,
  });
  await assert.rejects(changeLayout(parts, COLLECTION, 2), /into 2 streams: that is what it has/);
  assert.equal((await changeLayout(parts, COLLECTION, 3)).epoch, 2);
});

Deno.test("changeLayout completes a change that was begun, and refuses another one", async () => {
  const world = await filledWorld();
  const parts = operatorParts(world);
  await parts.layouts.putIntent(TARGET, { epoch: 1, of: 4 });
  await assert.rejects(changeLayout(parts, COLLECTION, 2), /layout 1 with 4 streams is under way/);
  assert.equal((await changeLayout(parts, COLLECTION, 4)).of, 4);
});

Deno.test("changeLayout refuses collections that were never streamed, and retired ones", async () => {
  const parts = operatorParts(new LakeWorld());
  await assert.rejects(changeLayout(parts, COLLECTION, 2), /it was never streamed here/);
  const world = await filledWorld();
  const { layouts } = operatorParts(world);
  const barrier = positionAfterTime(world.oplog.operationTime);
  await layouts.putIntent(TARGET, { epoch: 1, of: 0 });
  await layouts.put(TARGET, { epoch: 1, of: 0, barrier });
  await assert.rejects(changeLayout(operatorParts(world), COLLECTION, 2), /it is being retired/);
  world.pass(1);
  await world.clock.finish(world.instance().run());
  await assert.rejects(changeLayout(operatorParts(world), COLLECTION, 2), /it was retired/);
});

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  return world;
}

/** Runs the streams of now to the barrier, and begins those that follow. */
async function runAll(world: LakeWorld): Promise<void> {
  const { layouts } = operatorParts(world);
  // A barrier lies behind everything of its moment: it is reached when time goes on.
  world.pass(1);
  await world.clock.finish(world.instance().run());
  for (const stream of await streamsToRun(world.journal, layouts, COLLECTION)) {
    await world.instance({ stream }).runToEnd();
  }
}
