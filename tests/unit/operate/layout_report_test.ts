import assert from "node:assert/strict";
import { positionAt } from "../../../src/model/position.ts";
import { readLayoutReports } from "../../../src/operate/layout_report.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

Deno.test("readLayoutReports tells of a collection that is one stream", async () => {
  const world = await filledWorld();
  const { layouts } = operatorParts(world);
  const position = (await world.records()).at(-1)!.to;
  assert.deepEqual(await readLayoutReports(world.journal, layouts), [{
    target: "collection:shop.orders",
    epochs: [{
      epoch: 0,
      of: 1,
      streams: [{ stream: "collection:shop.orders", state: "open", position }],
    }],
  }]);
  assert.deepEqual(await readLayoutReports(world.journal, layouts, "shop.items"), []);
});

Deno.test("readLayoutReports tells of layouts to come, with and without a barrier", async () => {
  const world = await filledWorld();
  const { layouts } = operatorParts(world);
  await layouts.putIntent("collection.shop.orders", { epoch: 1, of: 4 });
  const [intended] = await readLayoutReports(world.journal, layouts, "shop.orders");
  assert.equal(intended!.intended, 4);
  const barrier = positionAt({ t: 5, i: 1 });
  await layouts.put("collection.shop.orders", { epoch: 1, of: 4, barrier });
  const [fixed] = await readLayoutReports(world.journal, layouts, "shop.orders");
  assert.deepEqual(fixed!.epochs[1], { epoch: 1, of: 4, barrier, streams: [] });
  assert.equal(fixed!.intended, undefined);
});

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  return world;
}
