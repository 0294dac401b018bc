import assert from "node:assert/strict";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import type { CollectionStream } from "../../../../src/model/layout.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { LayoutNews } from "../../../../src/pipeline/layout/layout_watch.ts";
import type { Layouts } from "../../../../src/pipeline/ports.ts";
import { StreamCatalog } from "../../../../src/pipeline/run/stream_catalog.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const COLLECTION = ORDERS as CollectionStream;
const START = positionAt({ t: 1_763_690_000, i: 1 });

function catalogOf(choice: {
  readonly partitions: number;
  readonly collections: () => Promise<readonly CollectionStream[]>;
  readonly world?: LakeWorld;
}) {
  const { journal, destination, clock } = choice.world ?? new LakeWorld();
  const asked: string[] = [];
  const layouts = noting(createObjectLayouts(destination), asked);
  const told: [string, number][] = [];
  const catalog = new StreamCatalog({
    journal,
    layouts,
    layoutNews: new LayoutNews(layouts, clock),
    whole: [{ level: "database", database: "stock" }],
    collections: choice.collections,
    partitions: choice.partitions,
    resolveStart: () => Promise.resolve(START),
    differs: ({ collection }, of) => told.push([collection, of]),
  });
  return { catalog, told, asked };
}

/** The same layouts; what is asked of them is noted. */
function noting(layouts: Layouts, asked: string[]): Layouts {
  return new Proxy(layouts, {
    get(target, name: keyof Layouts) {
      asked.push(name);
      return target[name];
    },
  });
}

Deno.test("StreamCatalog.refresh() finds whole streams, collections, and those that appear later", async () => {
  const items: CollectionStream = { ...COLLECTION, collection: "items" };
  const wanted = [COLLECTION];
  const { catalog } = catalogOf({
    partitions: 1,
    collections: () => Promise.resolve(wanted),
  });
  assert.equal(catalog.streams.size, 0);
  await catalog.refresh();
  assert.deepEqual([...catalog.streams.keys()], ["database.stock", "collection.shop.orders"]);
  const before = catalog.streams;
  await catalog.refresh();
  assert.equal(catalog.streams, before, "the same map while they are the same");
  wanted.push(items);
  await catalog.refresh();
  assert.ok(catalog.streams.has("collection.shop.items"));
  wanted.shift();
  await catalog.refresh();
  assert.ok(!catalog.streams.has("collection.shop.orders"));
});

Deno.test("StreamCatalog.refresh() divides collections, and tells once where a layout stays", async () => {
  const world = new LakeWorld();
  const collections = () => Promise.resolve([COLLECTION]);
  const first = catalogOf({ partitions: 2, collections, world });
  await first.catalog.refresh();
  const keys = [
    "database.stock",
    "collection.shop.orders.e1.1of2",
    "collection.shop.orders.e1.2of2",
  ];
  assert.deepEqual([...first.catalog.streams.keys()], keys);
  assert.deepEqual(first.told, []);
  const second = catalogOf({ partitions: 5, collections, world });
  await second.catalog.refresh();
  await second.catalog.refresh();
  assert.deepEqual([...second.catalog.streams.keys()], keys);
  assert.deepEqual(second.told, [["orders", 2]]);
});

Deno.test("StreamCatalog.refresh() keeps what was known where it fails", async () => {
  let fails = false;
  const { catalog } = catalogOf({
    partitions: 1,
    collections: () => fails ? Promise.reject(new Error("away")) : Promise.resolve([COLLECTION]),
  });
  await catalog.refresh();
  fails = true;
  await assert.rejects(catalog.refresh(), /away/);
  assert.equal(catalog.streams.size, 2);
});

Deno.test("StreamCatalog.refresh() finishes the look before, so that an old list never wins", async () => {
  const items: CollectionStream = { ...COLLECTION, collection: "items" };
  const slow = Promise.withResolvers<readonly CollectionStream[]>();
  const answers = [slow.promise, Promise.resolve([items])];
  const { catalog } = catalogOf({ partitions: 1, collections: () => answers.shift()! });
  const looks = [catalog.refresh(), catalog.refresh()];
  slow.resolve([COLLECTION]);
  await Promise.all(looks);
  assert.deepEqual([...catalog.streams.keys()], ["database.stock", "collection.shop.items"]);
});

Deno.test("StreamCatalog.refresh() asks once for all collections whether any is divided", async () => {
  const world = new LakeWorld();
  const wanted = ["orders", "items", "users"].map((collection) => ({ ...COLLECTION, collection }));
  const { catalog, asked } = catalogOf({
    partitions: 1,
    collections: () => Promise.resolve(wanted),
    world,
  });
  await catalog.refresh();
  assert.deepEqual(asked, ["newestEpochs"]);
  assert.equal(catalog.streams.size, 4);
  const layouts = createObjectLayouts(world.destination);
  await layouts.put("collection.shop.items", { epoch: 1, of: 2, barrier: START });
  await catalog.refresh();
  assert.deepEqual(
    [...catalog.streams.keys()].filter((key) => key.includes("items")),
    ["collection.shop.items.e1.1of2", "collection.shop.items.e1.2of2"],
  );
});
