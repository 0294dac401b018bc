import assert from "node:assert/strict";
import { followerParts } from "../../../../src/app/tables/build_tables.ts";
import { openFormat } from "../../../../src/app/tables/formats.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { LakeFollower } from "../../../../src/table/follow/lake_follower.ts";
import { startFakeCatalog } from "../../../support/fake_iceberg_catalog.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, pathsInJournal, TABLE_SETTINGS, write } from "../../../support/table_world.ts";

/** A lake of orders, and its table in a catalog. */
async function scene() {
  const world = new LakeWorld();
  const server = startFakeCatalog({ prefix: "lakes" });
  const places = { lake: world.destination, destination: world.destination };
  const tools = { clock: systemClock, random: world.random, log: silentLog, hostName: "test" };
  const iceberg = { url: server.url, namespace: "lake", login: { kind: "none" } } as const;
  const config = { tableWriters: "ours", iceberg, keyRule: TABLE_SETTINGS.keyRule } as const;
  const format = openFormat("iceberg", { config, tools, places });
  const turn = async () => {
    const follower = new LakeFollower(followerParts(places, format));
    await follower.turn(new AbortController().signal);
    return follower.tables;
  };
  await write(world, 6);
  const dispose = () => server[Symbol.asyncDispose]();
  return { world, server, format, turn, [Symbol.asyncDispose]: dispose };
}

Deno.test("openCataloged finds the table of a folder by its name in the catalog, with what it has", async () => {
  await using under = await scene();
  const { world, server, format, turn } = under;
  assert.equal(await format.isThere(FOLDER), false);
  assert.equal(await format.open(FOLDER), undefined);
  await turn();
  assert.deepEqual([...server.tables.keys()], ["lake/shop_orders"]);
  assert.equal(await format.isThere(FOLDER), true);
  const table = await format.open(FOLDER);
  assert.deepEqual(table!.name, { database: "shop", collection: "orders" });
  const paths = (await table!.files()).map(({ path }) => path).sort();
  assert.deepEqual(paths, await pathsInJournal(world));
  assert.equal(await format.isThere("somewhere"), false);
  // Nobody needs metadata in a catalog to be found without one.
  const metadata = await world.destination.list(`${FOLDER}/metadata/`, { limit: 100 });
  assert.ok(metadata.length > 0 && metadata.every((key) => key.endsWith(".avro")));
});

Deno.test("a table that is dropped is gone from the catalog, with its manifests and no object, and comes again", async () => {
  await using under = await scene();
  const { world, server, format, turn } = under;
  await turn();
  const objects = await pathsInJournal(world);
  await format.drop(FOLDER);
  await format.drop(FOLDER);
  assert.equal(server.tables.size, 0);
  assert.deepEqual(await world.destination.list(`${FOLDER}/metadata/`, { limit: 100 }), []);
  for (const path of objects) assert.ok(await world.destination.get(`${FOLDER}/${path}`));
  await turn();
  assert.equal((await (await format.open(FOLDER))!.files()).length, objects.length);
});

Deno.test("a table of another collection with the same name is not that of the folder, and nobody drops it", async () => {
  await using under = await scene();
  const { server, format, turn } = under;
  await turn();
  const table = server.tables.get("lake/shop_orders")!;
  table.properties["tributary.collection"] = "Orders";
  assert.equal(await format.isThere(FOLDER), false);
  await format.drop(FOLDER);
  assert.equal(server.tables.size, 1);
  const [followed] = await turn();
  assert.match(followed!.fault!, /shop\.Orders/);
});
