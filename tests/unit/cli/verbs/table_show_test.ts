import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { write } from "../../../support/table_world.ts";

Deno.test("table show says what a table has and what to paste, as text and as JSON", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  assert.equal((await runFake("table build all", { env })).code, 0);
  const shown = await runFake("table show shop.orders", { env });
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^shop\.orders: version 0, \d+ objects, 6 rows\nfile:/);
  assert.match(shown.stdout, /CREATE VIEW orders_now AS/);
  const json = await runFake("table show all --json", { env });
  const [table] = JSON.parse(json.stdout);
  assert.deepEqual([table.database, table.collection, table.rows], ["shop", "orders", 6]);
});
