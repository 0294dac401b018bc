import assert from "node:assert/strict";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { type Stream, streamName, targetKey } from "../../../../src/model/stream.ts";
import { Heirs, type HeirsOptions } from "../../../../src/pipeline/collections/heirs.ts";
import { lakeWith } from "../../../support/closed_journals.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const ITEMS: Stream = { level: "collection", database: "shop", collection: "items" };
const SHOP: Stream = { level: "database", database: "shop" };
const CRM: Stream = { level: "database", database: "crm" };

function heirsOf(
  { journal, destination }: LakeWorld,
  streams: readonly Stream[],
  choice: Partial<HeirsOptions> = {},
): Heirs {
  return new Heirs({
    ...{ journal, layouts: createObjectLayouts(destination), streams: () => streams },
    collections: () => ({ named: [] }),
    namespaces: () => ({ include: [], exclude: [] }),
    ...choice,
  });
}

async function retired(): Promise<LakeWorld> {
  const world = await lakeWith([[ORDERS, 50]]);
  const layout = { epoch: 1, of: 0, barrier: positionAt({ t: 50, i: 1 }) };
  await createObjectLayouts(world.destination).put(targetKey(ORDERS), layout);
  return world;
}

Deno.test("what was retired is a wider stream's, if that wants it", async () => {
  const world = await retired();
  assert.equal(await heirsOf(world, [SHOP]).isOurs(ORDERS), true);
  assert.equal(await heirsOf(world, [{ level: "deployment" }]).isOurs(ORDERS), true);
  assert.equal(await heirsOf(world, [CRM, ITEMS]).isOurs(ORDERS), false);
  const namespaces = () => ({ include: [], exclude: ["shop.o*"] });
  assert.equal(await heirsOf(world, [SHOP], { namespaces }).isOurs(ORDERS), false);
});

Deno.test("what was not retired is its own stream's alone", async () => {
  const world = new LakeWorld();
  await world.instance().runToEnd();
  assert.equal(await heirsOf(world, [SHOP]).isOurs(ORDERS), false);
  assert.equal(await heirsOf(world, [ORDERS]).isOurs(ORDERS), true);
  assert.deepEqual(await heirsOf(world, [ORDERS]).streamsOf(ORDERS), [ORDERS]);
  assert.deepEqual(await heirsOf(world, [SHOP]).streamsOf(SHOP), [SHOP]);
});

Deno.test("the events of what was retired are in its last streams, and then in those that follow", async () => {
  const world = await retired();
  assert.deepEqual(await heirsOf(world, [CRM, SHOP]).streamsOf(ORDERS), [ORDERS, SHOP]);
  assert.deepEqual(await heirsOf(world, []).streamsOf(ORDERS), [ORDERS]);
});

Deno.test("a narrower stream has a part of what was retired", async () => {
  const world = await lakeWith([[SHOP, 50]]);
  assert.equal(await heirsOf(world, [ORDERS]).hasPartOf(SHOP), true);
  assert.equal(await heirsOf(world, [ORDERS]).isOurs(SHOP), false);
  assert.equal(await heirsOf(world, [CRM]).hasPartOf(SHOP), false);
  assert.equal(await heirsOf(new LakeWorld(), [ORDERS]).hasPartOf(SHOP), false);
});

Deno.test("a wider target follows what has come to its end inside of it", async () => {
  const world = await lakeWith([[ITEMS, 50], [CRM, 50]]);
  await world.instance().runToEnd();
  const heirs = heirsOf(world, []);
  assert.deepEqual((await heirs.followedBy(SHOP)).map(streamName), ["collection:shop.items"]);
  assert.equal((await heirs.followedBy({ level: "deployment" })).length, 2);
  assert.deepEqual(await heirs.followedBy(ITEMS), []);
});
