import assert from "node:assert/strict";
import {
  needRecord,
  settingsAt,
  settingsIn,
} from "../../../../src/table/follow/record_settings.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { TABLE_SETTINGS, write } from "../../../support/table_world.ts";

Deno.test("settings are those of the record that holds them, and of no other", async () => {
  const world = new LakeWorld();
  await write(world, 2);
  const key = "collection.shop.orders";
  const genesis = await needRecord(world.journal, key, 0);
  assert.equal(genesis.kind, "genesis");
  const settings = await settingsAt(world.journal, key, 0);
  assert.deepEqual(settings.keyRule, TABLE_SETTINGS.keyRule);
  assert.deepEqual(settingsIn(genesis, key), settings);
  await assert.rejects(
    settingsAt(world.journal, key, 1),
    /its record 1 should have settings, and is a batch/,
  );
  await assert.rejects(needRecord(world.journal, key, 99), /its record 99 is missing/);
});
