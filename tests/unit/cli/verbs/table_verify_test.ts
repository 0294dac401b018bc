import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, TABLE_SETTINGS, write } from "../../../support/table_world.ts";

Deno.test("table verify ends with 0 where a table is as the journals say, and names what is not", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  await runFake("table build all", { env });
  const well = await runFake("table verify all", { env });
  assert.deepEqual([well.code, well.stderr], [0, ""]);
  assert.match(well.stdout, /\d+ objects, as the journals name them\n$/);
  await write(world, 3);
  await using grown = await layIntoFolder(world);
  await Deno.rename(`${lake.path}/${FOLDER}/_delta_log`, `${grown.path}/${FOLDER}/_delta_log`);
  const behind = await runFake("table verify all", { env: { DESTINATION: grown.url } });
  assert.equal(behind.code, 0);
  assert.match(behind.stdout, /as the journals name them; 1 more are not in it yet\n$/);
  await Deno.rename(`${grown.path}/${FOLDER}/_delta_log`, `${lake.path}/${FOLDER}/_delta_log`);
  const entry = `${lake.path}/${FOLDER}/_delta_log/00000000000000000000.json`;
  const text = await Deno.readTextFile(entry);
  const [first, ...rest] = text.split("\n").filter((line) => line.startsWith('{"add"'));
  const others = text.split("\n").filter((line) => !line.startsWith('{"add"') && line !== "");
  const stranger = first!.replace(/"path":"[^"]+/, '"path":"x.parquet');
  const longer = rest[0]!.replace(/"size":\d+/, '"size":1');
  await Deno.writeTextFile(entry, [...others, stranger, longer].join("\n"));
  const wrong = await runFake("table verify shop.orders", { env });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /x\.parquet: no journal names it/);
  assert.match(wrong.stdout, /bytes, and the table says 1\n/);
  assert.match(wrong.stdout, /1 objects are not in it, as year=/);
});

Deno.test("table verify and show tell of objects that an older copy wrote elsewhere, and what to do", async () => {
  const world = new LakeWorld();
  const stream = { level: "collection", database: "shop", collection: "a/b" } as const;
  const template = TABLE_SETTINGS.keyRule.template.replace("{coll}", "{coll!}");
  const keyRule = { ...TABLE_SETTINGS.keyRule, template };
  await write(world, 2, { stream, settings: { ...TABLE_SETTINGS, keyRule } });
  await write(world, 2, { stream });
  await write(world, 2, { stream, settings: { ...TABLE_SETTINGS, keyRule } });
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url, TABLES: "delta,iceberg" };
  assert.equal((await runFake("table build all", { env })).code, 0);
  const note = /Not in it: 1 object in other folders .*`tributary snapshot start shop\.a\/b`/g;
  for (const verb of ["show", "verify"]) {
    const { code, stdout } = await runFake(`table ${verb} all`, { env });
    assert.deepEqual([code, stdout.match(note)?.length], [0, 2], stdout);
  }
});
