import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, write } from "../../../support/table_world.ts";

Deno.test("table drop forgets a log of ours, and one that cannot be read by force alone", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  const entry = `${lake.path}/${FOLDER}/_delta_log/00000000000000000000.json`;
  const build = () => runFake("table build all", { env });
  await build();
  const dropped = await runFake("table drop shop.orders", { env });
  assert.deepEqual([dropped.code, dropped.stderr], [0, ""]);
  assert.match(dropped.stdout, /_delta_log\/ is gone; all objects are there\n$/);
  assert.equal((await runFake("verify", { env })).code, 0);
  const none = await runFake("table show shop.orders", { env });
  assert.equal(none.code, 1);
  assert.match(
    none.stderr,
    /There is no table of shop\.orders below .*`tributary table build all`/,
  );
  await build();
  await Deno.writeTextFile(entry, "{");
  const refused = await runFake("table drop shop.orders", { env });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /whose it is cannot be read .*--force drops it all the same/);
  assert.equal((await runFake("table drop shop.orders --force", { env })).code, 0);
  await build();
  const text = await Deno.readTextFile(entry);
  await Deno.writeTextFile(entry, text.replaceAll("tributary.collection", "x"));
  const foreign = await runFake("table drop shop.orders --force", { env });
  assert.match(foreign.stderr, /somebody else has made it; move its _delta_log away yourself/);
});
