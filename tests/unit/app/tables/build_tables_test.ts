import assert from "node:assert/strict";
import { buildTables } from "../../../../src/app/tables/build_tables.ts";
import { loadLakeConfig } from "../../../../src/config/resolve/load.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { MACHINE, sourcesOf } from "../../../support/load_config.ts";
import { write } from "../../../support/table_world.ts";

const TOOLS = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };

Deno.test("buildTables() makes a table of one collection or of all, of streams of any width", async () => {
  const world = new LakeWorld();
  world.insert(2, "items");
  await write(world, 3, { stream: { level: "database", database: "shop" } });
  await using lake = await layIntoFolder(world);
  const loaded = loadLakeConfig(sourcesOf({ env: { DESTINATION: lake.url } }), MACHINE);
  assert.ok(loaded.ok);
  const command = { tools: TOOLS, signal: new AbortController().signal, reached: () => {} };
  const only = { database: "shop", collection: "items" };
  const one = await buildTables(loaded.config, command, only);
  assert.deepEqual(one.tables, [{
    ...only,
    format: "delta",
    url: `${lake.url}/db=shop/coll=items/`,
    version: 0,
  }]);
  const all = await buildTables(loaded.config, command, undefined);
  assert.deepEqual(all.tables.map(({ collection }) => collection).sort(), ["items", "orders"]);
});
