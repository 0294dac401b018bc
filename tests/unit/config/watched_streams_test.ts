import assert from "node:assert/strict";
import {
  collectionChoice,
  watchedCollections,
  wholeStreams,
} from "../../../src/config/watched_streams.ts";
import { configOf } from "../../support/load_config.ts";

const SHOP = { MONGODB_DATABASE: "shop" };
const unasked = () => Promise.reject(new Error("nobody must be asked"));

Deno.test("wholeStreams is the stream of the database or deployment", async () => {
  const database = configOf(SHOP).watch;
  assert.deepEqual(wholeStreams(database), [{ level: "database", database: "shop" }]);
  assert.deepEqual(wholeStreams(configOf({}).watch), [{ level: "deployment" }]);
  assert.deepEqual(await watchedCollections(database, unasked), []);
});

Deno.test("watchedCollections are those named, without asking anybody", async () => {
  const { watch } = configOf({ ...SHOP, MONGODB_COLLECTIONS: "orders,items" });
  assert.deepEqual(wholeStreams(watch), []);
  assert.deepEqual(await watchedCollections(watch, unasked), [
    { level: "collection", database: "shop", collection: "orders" },
    { level: "collection", database: "shop", collection: "items" },
  ]);
});

Deno.test("watchedCollections adds those that patterns find, each once", async () => {
  const { watch } = configOf({
    ...SHOP,
    WATCH_LEVEL: "collection",
    MONGODB_COLLECTIONS: "orders,o*",
  });
  const list = () =>
    Promise.resolve(["orders", "offers"].map((collection) => ({
      database: "shop",
      collection,
      keepsImages: false,
    })));
  assert.deepEqual(await watchedCollections(watch, list), [
    { level: "collection", database: "shop", collection: "orders" },
    { level: "collection", database: "shop", collection: "offers" },
  ]);
});

Deno.test("collectionChoice is what is named, and the filter where patterns are to be filled in", () => {
  const filter = { include: ["shop.a*", "shop.orders"], exclude: [] };
  const collections = [{ database: "shop", collection: "orders" }];
  const named = [{ level: "collection" as const, ...collections[0]! }];
  const watch = { level: "collection" as const, collections, listing: true, filter };
  assert.deepEqual(collectionChoice(watch), { named, filter });
  assert.deepEqual(collectionChoice({ ...watch, listing: false }), { named });
  assert.deepEqual(collectionChoice({ level: "deployment", filter }), { named: [] });
});
