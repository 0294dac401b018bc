import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { RangeWorld } from "../../../support/range_world.ts";

Deno.test("snapshot cancel leaves word in the lake, once, also of a snapshot that has a plan only", async () => {
  const range = new RangeWorld();
  await createObjectSnapshots(range.world.destination).putPlan(range.plan);
  await using lake = await layIntoFolder(range.world);
  const env = { DESTINATION: lake.url };
  const file = `${lake.path}/_tributary/snapshot/${range.plan.id}.cancelled.json`;
  const cancel = () => runFake("snapshot cancel shop.orders", { env });
  assert.equal((await cancel()).code, 0);
  const first = await Deno.readTextFile(file);
  assert.deepEqual(Object.keys(JSON.parse(first)), ["v", "id", "writtenAt"]);
  assert.equal((await cancel()).code, 0);
  assert.equal(await Deno.readTextFile(file), first);
});
