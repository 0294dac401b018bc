import assert from "node:assert/strict";
import { isFarewell } from "../../../../src/pipeline/record/farewell.ts";
import { LakeWorld } from "../../../support/lake_world.ts";

Deno.test("the last record of a clean stop is a farewell, and no other record is", async () => {
  const world = new LakeWorld();
  for (const count of [5, 0, 3]) {
    world.insert(count);
    world.pass(60);
    await world.instance().runToEnd();
  }
  const records = await world.records();
  assert(isFarewell(records.at(-1)!));
  // A run in which nothing happened has nothing to add.
  assert.equal(records.filter(isFarewell).length, 2);
  assert(records.filter(isFarewell).every(({ kind }) => kind === "heartbeat"));
});
