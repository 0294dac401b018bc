import assert from "node:assert/strict";
import { showTables, verifyTables } from "../../../../src/app/tables/table_commands.ts";
import { buildTables } from "../../../../src/app/tables/build_tables.ts";
import { loadLakeConfig } from "../../../../src/config/resolve/load.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../../../support/load_config.ts";
import { FOLDER, TABLE_SETTINGS, write } from "../../../support/table_world.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

function configOf(destination: string, env: Record<string, string> = {}) {
  const sources = sourcesOf({ env: { DESTINATION: destination, ...env } });
  const loaded = loadLakeConfig(sources, MACHINE);
  assert.ok(loaded.ok);
  return loaded.config;
}

Deno.test("all tables are found in the folders that the settings name, and none where these have no place for one", async () => {
  const world = new LakeWorld();
  world.insert(2, "items");
  await write(world, 3, { stream: { level: "database", database: "shop" } });
  await using lake = await layIntoFolder(world);
  const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
  await buildTables(configOf(lake.url), command, undefined);
  const shown = await showTables(configOf(lake.url), command, undefined);
  assert.deepEqual(shown.map((t) => "rows" in t ? [t.collection, t.rows] : []).sort(), [
    ["items", 2],
    ["orders", 3],
  ]);
  const verdicts = await verifyTables(configOf(lake.url), command, undefined);
  assert.deepEqual(verdicts.map(({ faults }) => faults), [[], []]);
  assert.deepEqual(
    await showTables(configOf(lake.url, { KEY_STRATEGY: "flat" }), command, undefined),
    [],
  );
});

Deno.test("verifyTables tells of what can be in no table, and of a journal that cannot be read", async () => {
  const world = new LakeWorld();
  await write(world, 3);
  await using lake = await layIntoFolder(world);
  const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
  await buildTables(configOf(lake.url), command, undefined);
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  await write(world, 2, { settings: { ...TABLE_SETTINGS, encoding } });
  await using other = await layIntoFolder(world);
  await Deno.rename(`${lake.path}/${FOLDER}/_delta_log`, `${other.path}/${FOLDER}/_delta_log`);
  const config = configOf(other.url);
  const [ended] = await verifyTables(config, command, undefined);
  assert.match(ended!.faults.join(), /ends: it has objects in the format jsonl/);
  const journal = `${other.path}/_tributary/streams/collection.shop.orders`;
  await Deno.writeTextFile(`${journal}/0000000000000001.json`, "{");
  const verdicts = await verifyTables(config, command, undefined);
  assert.match(verdicts.at(-1)!.url, /_tributary/);
  assert.equal(verdicts.at(-1)!.faults.length, 1);
});
