import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, write } from "../../../support/table_world.ts";

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

Deno.test("table show goes on past a table that cannot be read, and drop tells of those before it", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  world.insert(3, "zebras");
  await write(world, 0, {
    stream: { level: "collection", database: "shop", collection: "zebras" },
  });
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  await runFake("table build all", { env });
  const entryOf = (folder: string) => `${lake.path}/${folder}/_delta_log/${"0".repeat(20)}.json`;
  const text = await Deno.readTextFile(entryOf(FOLDER));
  await Deno.writeTextFile(entryOf(FOLDER), "{");
  const shown = await runFake("table show all", { env });
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /coll=orders\/: .*its log entry 0 cannot be read/);
  assert.match(shown.stdout, /shop\.zebras: version 0/);
  await Deno.writeTextFile(entryOf(FOLDER), text);
  await Deno.writeTextFile(entryOf("db=shop/coll=zebras"), "{");
  assert.equal((await runFake("table drop all", { env })).code, 1);
  assert.match(await Deno.readTextFile(`${lake.path}/_tributary/tables/delta.dropped`), /^.+$/);
});
