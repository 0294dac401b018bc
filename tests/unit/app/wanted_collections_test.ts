import assert from "node:assert/strict";
import { WantedCollections } from "../../../src/app/wanted_collections.ts";
import type { Watch } from "../../../src/config/config.ts";
import type { CollectionStream } from "../../../src/model/layout.ts";
import { positionAfterTime } from "../../../src/model/position.ts";
import { configOf } from "../../support/load_config.ts";

const listed = (list: string) =>
  configOf({ WATCH_LEVEL: "collection", MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: list })
    .watch;
const stream = (collection: string): CollectionStream => ({
  level: "collection",
  database: "shop",
  collection,
});

/** A server with these collections, whose clock moves on by a second with each look. */
function server(first: Watch, collections: string[]) {
  const state = { watch: first, collections, seconds: 0, fails: false };
  const wanted = new WantedCollections({
    watch: () => state.watch,
    list: ({ include }) => {
      if (state.fails) return Promise.reject(new Error("away"));
      const begins = include.map((pattern) => pattern.replace("shop.", "").replace("*", ""));
      const names = state.collections.filter((name) => begins.some((it) => name.startsWith(it)));
      return Promise.resolve(names.map((collection) => ({ database: "shop", collection })));
    },
    operationTime: () => Promise.resolve({ t: ++state.seconds, i: 1 }),
  });
  const look = async () => {
    const found = (await wanted.look()).map(({ collection }) => collection);
    wanted.looked();
    return found;
  };
  return { state, wanted, look };
}

const after = (seconds: number) => positionAfterTime({ t: seconds, i: 1 });

Deno.test("WantedCollections.startOf() is the last look that was made use of", async () => {
  const { state, wanted, look } = server(listed("o*"), ["orders"]);
  assert.deepEqual(await look(), ["orders"]);
  state.collections.push("offers");
  state.fails = true;
  await assert.rejects(look(), /away/);
  state.fails = false;
  assert.deepEqual((await wanted.look()).length, 2);
  // What appeared before the look that failed is not there at its time.
  assert.deepEqual(wanted.startOf(stream("offers")), after(1));
});

Deno.test("WantedCollections.startOf() leaves to START_FROM what other settings bring", async () => {
  const { state, wanted, look } = server(listed("o*"), ["orders", "items"]);
  await look();
  state.watch = listed("o*,i*");
  state.collections.push("offers");
  assert.deepEqual(await wanted.look(), ["orders", "items", "offers"].map(stream));
  assert.equal(wanted.startOf(stream("items")), undefined);
  assert.deepEqual(wanted.startOf(stream("offers")), after(1), "the old settings fit it, too");
});

Deno.test("WantedCollections.look() follows a list of names, which appear only by settings", async () => {
  const { state, wanted, look } = server(listed("orders"), []);
  assert.deepEqual(await look(), ["orders"]);
  state.watch = listed("items");
  assert.deepEqual(await look(), ["items"]);
  assert.equal(wanted.startOf(stream("items")), undefined);
});
