import assert from "node:assert/strict";
import { tablesIn } from "../../../../src/app/tables/tables_in_folder.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, follower, turnToEnd, write } from "../../../support/table_world.ts";

function look(world: LakeWorld) {
  const { clock, random, destination } = world;
  const tools = { clock, random, log: silentLog, hostName: "test" };
  const places = { lake: destination, destination };
  return tablesIn({ config: { tableWriters: "ours" }, tools, places })(FOLDER);
}

Deno.test("tablesIn finds tables of all formats, with what earlier states name", async () => {
  const world = new LakeWorld();
  assert.deepEqual(await look(world), []);
  const followers = (["delta", "iceberg"] as const).map((format) => follower(world, { format }));
  for (let i = 0; i < 2; i++) {
    await write(world, 4);
    for (const each of followers) await turnToEnd(each);
  }
  const [delta, iceberg, ...others] = await look(world);
  assert.deepEqual(others, []);
  assert.match(delta!.id, /^delta /);
  assert.match(iceberg!.id, /^iceberg /);
  assert.deepEqual([...delta!.files.keys()].sort(), [...iceberg!.files.keys()].sort());
  assert.deepEqual([delta!.files.size, delta!.earlier.size], [2, 0]);
  assert.equal(iceberg!.earlier.size, 1);
});

Deno.test("a table that cannot be read, is somebody else's, elsewhere, or in another catalog is no table that can be passed over", async () => {
  const metadata = `${FOLDER}/metadata/00001-5f0c.metadata.json`;
  const entry = `${FOLDER}/_delta_log/00000000000000000000.json`;
  const foreign = [
    { metaData: { id: "x", configuration: {}, schemaString: "", partitionColumns: [] } },
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  ].map((action) => JSON.stringify(action)).join("\n");
  for (
    const [key, text, why] of [
      [entry, "{", /cannot be read/],
      [entry, foreign, /somebody else's/],
      [metadata, "{}", /in another catalog/],
    ] as const
  ) {
    const world = new LakeWorld();
    await world.destination.putIfAbsent(key, new TextEncoder().encode(text));
    await assert.rejects(look(world), why);
  }
  const world = new LakeWorld();
  await write(world, 4);
  await turnToEnd(follower(world));
  const [first] = await look(world);
  const [path] = [...first!.files.keys()];
  const bytes = await world.destination.get(entry);
  const text = new TextDecoder().decode(bytes).replace(path!, `s3://elsewhere/${path}`);
  await world.destination.replace(entry, new TextEncoder().encode(text));
  await assert.rejects(look(world), /names "s3:\/\/elsewhere/);
});
