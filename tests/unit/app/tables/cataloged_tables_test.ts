import assert from "node:assert/strict";
import { followerParts } from "../../../../src/app/tables/build_tables.ts";
import { openFormat } from "../../../../src/app/tables/formats.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { hintKey } from "../../../../src/table/follow/table_hint.ts";
import { LakeFollower } from "../../../../src/table/follow/lake_follower.ts";
import { startFakeCatalog } from "../../../support/fake_iceberg_catalog.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { steps } from "../../table/steps_of.ts";
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

Deno.test("a commit to a table that a catalog knows takes four requests, two of them to the catalog", async () => {
  const world = new LakeWorld();
  const requests: string[] = [];
  await using server = startFakeCatalog({
    fault({ method }) {
      requests.push(`${method} to the catalog`);
      return undefined;
    },
  });
  const destination = new Proxy(world.destination, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        requests.push(String(name));
        return method.apply(target, args);
      };
    },
  });
  const tools = { clock: systemClock, random: world.random, log: silentLog, hostName: "test" };
  const iceberg = { url: server.url, namespace: "lake", login: { kind: "none" } } as const;
  const config = { tableWriters: "ours", iceberg, keyRule: TABLE_SETTINGS.keyRule } as const;
  const places = { lake: world.destination, destination };
  const log = openFormat("iceberg", { config, tools, places })
    .openLog(FOLDER, { database: "shop", collection: "orders" });
  await log.commit(steps(1, 2));
  requests.length = 0;
  await log.commit(steps(3, 3));
  assert.deepEqual(requests, [
    "GET to the catalog",
    ...["putIfAbsent", "putIfAbsent"],
    "POST to the catalog",
  ]);
});

Deno.test("the table of a collection whose name is too long for its folder is found, by the hint or by the journals", async () => {
  const collection = "orders_of_".repeat(15);
  const stream = { level: "collection", database: "shop", collection } as const;
  const world = new LakeWorld();
  await write(world, 6, { stream });
  await using server = startFakeCatalog();
  const folder = await onlyFolder(world);
  assert.match(folder, /^db=shop\/coll=orders_of_.*~[0-9a-f]{32}$/);
  const places = { lake: world.destination, destination: world.destination };
  const tools = { clock: systemClock, random: world.random, log: silentLog, hostName: "test" };
  const iceberg = { url: server.url, namespace: "lake", login: { kind: "none" } } as const;
  const config = { tableWriters: "ours", iceberg, keyRule: TABLE_SETTINGS.keyRule } as const;
  // A verb of its own each time, which knows nothing.
  const open = () => openFormat("iceberg", { config, tools, places });
  const hint = { store: world.destination, key: hintKey("iceberg") };
  const follower = new LakeFollower({ ...followerParts(places, open()), hint });
  assert.equal(await open().isThere(folder), false);
  await follower.turn(new AbortController().signal);
  assert.equal(server.tables.size, 1);
  for (const from of ["the hint", "the journals"]) {
    if (from === "the journals") await world.destination.remove(hint.key);
    assert.equal(await open().isThere(folder), true, from);
    assert.deepEqual((await open().open(folder))!.name, { database: "shop", collection }, from);
    assert.equal(await open().isThere(folder.slice(0, -1) + "x"), false, from);
  }
  await open().drop(folder);
  assert.equal(server.tables.size, 0);
});

/** The folder that all objects of a lake lie in. */
async function onlyFolder({ destination }: LakeWorld): Promise<string> {
  const keys = await destination.list("db=", { limit: 1000 });
  const folders = new Set(keys.map((key) => key.split("/").slice(0, 2).join("/")));
  assert.equal(folders.size, 1);
  return [...folders][0]!;
}
