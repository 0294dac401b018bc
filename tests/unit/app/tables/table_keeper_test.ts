import assert from "node:assert/strict";
import { TableKeeper, type TableKeeperParts } from "../../../../src/app/tables/table_keeper.ts";
import { openFleet } from "../../../../src/coordinate/open_fleet.ts";
import type { LogFields } from "../../../../src/support/log.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, readTable, write } from "../../../support/table_world.ts";

const CONFIG: TableKeeperParts["config"] = {
  ...{ tableIntervalMs: 1000, tableCompaction: false, instanceName: "one" },
  ...{ tables: ["delta"], tableWriters: "ours" },
  lock: {
    ...{ ttlMs: 9000, refreshIntervalMs: 3000, retryIntervalMs: 2000 },
    ...{ isChosen: true, keyPrefix: "x" },
    kind: "memory",
  },
};

function keeperOf(world: LakeWorld, fleet = fleetOf(world), owner = "a", config = {}) {
  const said: string[] = [];
  const warn = (_: string, fields?: LogFields) => void said.push(String(fields?.["reason"]));
  const log = { ...silentLog, warn };
  const { clock, random, destination, state } = world;
  const keeper = new TableKeeper({
    config: { ...CONFIG, ...config },
    tools: { clock, random, log, hostName: "host" },
    places: { lake: destination, destination },
    ...{ fleet, state, owner },
  });
  return { keeper, said };
}

function fleetOf({ clock, random }: LakeWorld) {
  return openFleet({ kind: "memory" }, clock, random);
}

Deno.test("one of two copies keeps the tables, the other when it has stopped", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  const fleet = fleetOf(world);
  const copies = ["a", "b"].map((owner) => {
    const ends = new AbortController();
    const { keeper } = keeperOf(world, fleet, owner);
    return { keeper, ends, over: keeper.keep(ends.signal) };
  });
  const [one, two] = copies;
  await world.clock.until(() => one!.keeper.commits === 1);
  assert.deepEqual(one!.keeper.tables.map(({ name, fault }) => [name, fault]), [
    ["shop.orders", undefined],
  ]);
  assert.deepEqual(two!.keeper.tables, []);
  one!.ends.abort();
  await world.clock.finish(one!.over);
  await write(world, 6);
  await world.clock.until(() => two!.keeper.commits === 1);
  assert.equal((await readTable(world.destination)).version, 1);
  two!.ends.abort();
  await world.clock.finish(two!.over);
});

Deno.test("small objects of hours that are over are joined by whoever keeps the tables", async () => {
  const world = new LakeWorld();
  await write(world, 14);
  const ends = new AbortController();
  const { keeper, said } = keeperOf(world, fleetOf(world), "a", { tableCompaction: true });
  const over = keeper.keep(ends.signal);
  await world.clock.until(() => keeper.joined.outputs === 1);
  assert.deepEqual([keeper.joined.inputs, said], [4, []]);
  assert.equal((await readTable(world.destination)).paths.size, 1);
  ends.abort();
  await world.clock.finish(over);
});

Deno.test("small objects that were joined are deleted when tables have named others for long enough", async () => {
  const world = new LakeWorld();
  await write(world, 14);
  const HOUR_MS = 3_600_000;
  const ends = new AbortController();
  const { keeper, said } = keeperOf(world, fleetOf(world), "a", {
    ...{ tableCompaction: true, tableRetentionMs: 24 * HOUR_MS, tableIntervalMs: 6 * HOUR_MS },
    lock: { ...CONFIG.lock, ttlMs: 3 * HOUR_MS, refreshIntervalMs: HOUR_MS },
  });
  const over = keeper.keep(ends.signal);
  await world.clock.until(() => keeper.deleted.objects === 4, 96 * HOUR_MS);
  assert.deepEqual([keeper.joined.inputs, keeper.deleted.bytes > 0, said], [4, true, []]);
  ends.abort();
  await world.clock.finish(over);
});

Deno.test("a table that must be left alone is told once, its lag grows, and the others go on", async () => {
  const world = new LakeWorld();
  const foreign = {
    metaData: { id: "x", configuration: {}, schemaString: "", partitionColumns: [] },
  };
  const protocol = { minReaderVersion: 1, minWriterVersion: 2 };
  const text = [foreign, { protocol }].map((action) => JSON.stringify(action)).join("\n");
  await world.destination.putIfAbsent(
    `${FOLDER}/_delta_log/00000000000000000000.json`,
    new TextEncoder().encode(text),
  );
  await write(world, 6);
  await write(world, 6, { stream: { level: "collection", database: "shop", collection: "items" } });
  const { keeper, said } = keeperOf(world);
  const ends = new AbortController();
  const over = keeper.keep(ends.signal);
  await world.clock.until(() => keeper.commits === 1 && said.length === 1);
  await write(world, 6);
  await world.clock.until(() => keeper.tables.some(({ upToDateMs = 0 }) => upToDateMs > 0));
  assert.match(said.join(), /^Cannot write the table in "[^"]+": somebody else has made it/);
  const faults = keeper.tables.map(({ name, fault }) => [name, fault !== undefined]);
  assert.deepEqual(faults.sort(), [["shop.items", false], ["shop.orders", true]]);
  ends.abort();
  await world.clock.finish(over);
});

Deno.test("tables of one format do not wait for those of another one", async () => {
  const world = new LakeWorld();
  await write(world, 6);
  const { destination } = world;
  const get = destination.get.bind(destination);
  const answered = Promise.withResolvers<void>();
  destination.get = async (key, range) => {
    if (key.includes("/metadata/")) await answered.promise;
    return await get(key, range);
  };
  const ends = new AbortController();
  const { keeper } = keeperOf(world, fleetOf(world), "a", { tables: ["iceberg", "delta"] });
  const over = keeper.keep(ends.signal);
  await world.clock.until(() => keeper.commits === 1);
  await write(world, 6);
  await world.clock.until(() => keeper.commits === 2);
  assert.equal((await readTable(destination)).version, 1);
  answered.resolve();
  await world.clock.until(() => keeper.tables.every(({ version }) => version !== undefined));
  ends.abort();
  await world.clock.finish(over);
});
