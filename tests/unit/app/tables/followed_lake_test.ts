import assert from "node:assert/strict";
import { followedLake } from "../../../../src/app/tables/followed_lake.ts";
import { RangeWorld } from "../../../support/range_world.ts";
import { TABLE_SETTINGS } from "../../../support/table_world.ts";

Deno.test("followedLake has the journals of streams and of ranges of snapshots", async () => {
  const range = new RangeWorld(11, TABLE_SETTINGS);
  await range.copy().runToEnd();
  const { destination } = range.world;
  const { streams, redrives } = followedLake({ lake: destination, destination });
  const keys = await streams();
  const isOfRange = (key: string) => key.startsWith("snapshot.");
  assert.ok(keys.some(isOfRange), keys.join());
  assert.deepEqual([...await redrives!.records()], []);
});
