import assert from "node:assert/strict";
import { snapshots } from "../../../src/app/snapshot_commands.ts";
import { createObjectSnapshots } from "../../../src/journal/object_snapshots.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { configOf } from "../../support/load_config.ts";
import { RangeWorld } from "../../support/range_world.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("snapshots opens the lake that the settings name, and says when it was reached", async () => {
  const range = new RangeWorld();
  await createObjectSnapshots(range.world.destination).putPlan(range.plan);
  await using lake = await layIntoFolder(range.world);
  let isReached = false;
  const command = {
    tools: TOOLS,
    signal: new AbortController().signal,
    reached: () => isReached = true,
  };
  const ids = await snapshots(configOf({ DESTINATION: lake.url }), command, async (found) => {
    assert.equal(isReached, true);
    const before = await found.unfinished("shop.orders");
    assert.deepEqual(await found.cancel("shop.orders"), before);
    return (await found.list()).map(({ id, state }) => `${id} ${state}`);
  });
  assert.deepEqual(ids, [`${range.plan.id} cancelling`]);
});
