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

Deno.test("table show, verify and drop go on past a table that cannot be read", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  world.insert(3, "zebras");
  await write(world, 0, {
    stream: { level: "collection", database: "shop", collection: "zebras" },
  });
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  await runFake("table build all", { env });
  const entry = `${lake.path}/${FOLDER}/_delta_log/${"0".repeat(20)}.json`;
  await Deno.writeTextFile(entry, "{");
  for (const verb of ["show", "verify"]) {
    const told = await runFake(`table ${verb} all`, { env });
    assert.equal(told.code, 1);
    assert.match(told.stdout, /coll=orders\/: .*its log entry 0 cannot be read/);
    assert.match(told.stdout, /coll=zebras/);
  }
  const dropped = await runFake("table drop all --json", { env });
  assert.equal(dropped.code, 1);
  assert.match(dropped.stderr, /coll=orders\/": whose it is cannot be read/);
  assert.deepEqual(JSON.parse(dropped.stdout), [`${lake.url}/db=shop/coll=zebras/_delta_log/`]);
  assert.match(await Deno.readTextFile(`${lake.path}/_tributary/tables/delta.dropped`), /^.+$/);
  const alone = await runFake("table drop shop.orders", { env });
  assert.deepEqual([alone.code, alone.stdout], [1, ""]);
  assert.doesNotMatch(alone.stderr, /There is no table/);
});
