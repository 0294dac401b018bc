import assert from "node:assert/strict";
import { runFake } from "../../../support/fake_host.ts";
import { layIntoFolder } from "../../../support/lake_folder.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, write } from "../../../support/table_world.ts";

Deno.test("table verify ends with 0 where a table is as the journals say, and names what is not", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  await using lake = await layIntoFolder(world);
  const env = { DESTINATION: lake.url };
  await runFake("table build all", { env });
  const well = await runFake("table verify all", { env });
  assert.deepEqual([well.code, well.stderr], [0, ""]);
  assert.match(well.stdout, /\d+ objects, as the journals name them\n$/);
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
