import assert from "node:assert/strict";
import { join } from "node:path";
import { copyTree } from "../../../support/copy_tree.ts";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";
import { write } from "../../../support/table_world.ts";

Deno.test("table build says where each table lies, as text and as JSON, and why one is not there", async () => {
  const world = new LakeWorld();
  await write(world, 3);
  await write(world, 3, { stream: { ...ORDERS, collection: "a/b" } as never });
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  const one = await runFake("table build shop.orders", { env });
  assert.deepEqual(one, {
    ...{ code: 0, stderr: "" },
    stdout: `shop.orders: version 0 of ${lake.url}/db=shop/coll=orders/\n`,
  });
  const all = await runFake("table build all --json", { env });
  assert.equal(all.code, 1);
  const { tables } = JSON.parse(all.stdout);
  assert.deepEqual(tables.map((t: { version?: number }) => t.version), [0, undefined]);
  assert.match(tables[1].fault, /has a "%"/);
  const none = await runFake("table build shop.none", { env });
  assert.equal(none.code, 1);
  assert.match(none.stderr, /There is no shop\.none below /);
});

Deno.test("table build says that a table of Iceberg is of the place from which a lake was copied", async () => {
  const world = new LakeWorld();
  await write(world, 3);
  await using lake = await layIntoFolder(world);
  const settings = { TABLES: "iceberg, delta" };
  assert.equal(
    (await runFake("table build all", { env: { ...settings, DESTINATION: lake.url } })).code,
    0,
  );
  const copy = join(lake.path, "copy");
  for await (const { name } of Deno.readDir(lake.path)) {
    if (name !== "copy") await copyTree(join(lake.path, name), join(copy, name));
  }
  const env = { ...settings, DESTINATION: `${lake.url}/copy` };
  const built = await runFake("table build all", { env });
  assert.equal(built.code, 1);
  assert.match(built.stdout, /^shop\.orders: version 0 of .*\/copy\/db=shop\/coll=orders\/\n$/);
  assert.match(
    built.stderr,
    /its list of manifests lies elsewhere \(.*\), as of a lake that was copied; make it anew with `tributary table drop/,
  );
  assert.equal((await runFake("table verify all", { env })).code, 1);
  assert.equal((await runFake("table drop all", { env })).code, 0);
  assert.equal((await runFake("table build all", { env })).code, 0);
  assert.equal((await runFake("table verify all", { env })).code, 0);
});
