import assert from "node:assert/strict";
import { showTables, verifyTables } from "../../../src/app/table_commands.ts";
import { buildTables } from "../../../src/app/tables.ts";
import { loadLakeConfig } from "../../../src/config/resolve/load.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { silentLog } from "../../../src/support/log.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";
import { write } from "../../support/table_world.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("all tables are found in the folders that the settings name, and none where these have no place for one", async () => {
  const world = new LakeWorld();
  world.insert(2, "items");
  await write(world, 3, { stream: { level: "database", database: "shop" } });
  await using lake = await layIntoFolder(world);
  const configOf = (env: Record<string, string>) => {
    const loaded = loadLakeConfig(sourcesOf({ env: { DESTINATION: lake.url, ...env } }), MACHINE);
    assert.ok(loaded.ok);
    return loaded.config;
  };
  const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
  await buildTables(configOf({}), command, undefined);
  const shown = await showTables(configOf({}), command, undefined);
  assert.deepEqual(shown.map(({ collection, rows }) => [collection, rows]).sort(), [
    ["items", 2],
    ["orders", 3],
  ]);
  const verdicts = await verifyTables(configOf({}), command, undefined);
  assert.deepEqual(verdicts.map(({ faults }) => faults), [[], []]);
  assert.deepEqual(await showTables(configOf({ KEY_STRATEGY: "flat" }), command, undefined), []);
});
