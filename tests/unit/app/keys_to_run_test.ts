import assert from "node:assert/strict";
import { KeysToRun } from "../../../src/app/keys_to_run.ts";
import type { RangeToRun } from "../../../src/model/snapshot.ts";
import type { Stream } from "../../../src/model/stream.ts";

const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };
const ORDERS_KEY = "collection.shop.orders";
const ITEMS: Stream = { ...ORDERS, collection: "items" };
const ITEMS_KEY = "collection.shop.items";

function world() {
  const paused = new Map<string, string>();
  const ranges = new Map<string, RangeToRun>();
  const seen = {
    ...{ paused, ranges },
    streams: new Map<string, Stream>([[ORDERS_KEY, ORDERS], [ITEMS_KEY, ITEMS]]),
  };
  const keys = new KeysToRun({
    streams: () => seen.streams,
    ranges: () => ranges,
    paused,
  });
  const range = (stream: Stream, cancelled?: AbortSignal): RangeToRun => ({
    plan: {
      ...{ v: 1, id: "s", stream, floor: { t: 1, i: 1 }, ranges: [], documents: 0, leftOut: [] },
      ...{ writtenAt: "", settings: undefined as never },
    },
    index: 1,
    ...(cancelled === undefined ? {} : { cancelled }),
  });
  return { seen, keys, paused, ranges, range };
}

Deno.test("KeysToRun is the same list while there are the same streams", () => {
  const { seen, keys } = world();
  assert.deepEqual(keys.now(), [ORDERS_KEY, ITEMS_KEY]);
  assert.equal(keys.now(), keys.now());
  seen.streams = new Map([[ITEMS_KEY, ITEMS]]);
  assert.deepEqual(keys.now(), [ITEMS_KEY]);
});

Deno.test("KeysToRun leaves out what is paused, and has it again afterwards", () => {
  const { keys, paused } = world();
  const all = keys.now();
  paused.set(ORDERS_KEY, "orders");
  assert.deepEqual(keys.now(), [ITEMS_KEY]);
  paused.clear();
  assert.equal(keys.now(), all);
});

Deno.test("KeysToRun lets ranges wait with their streams, but for those that are cancelled", () => {
  const { keys, paused, ranges, range } = world();
  ranges.set("a", range(ORDERS)).set("b", range(ITEMS, AbortSignal.abort()));
  assert.deepEqual(keys.now(), [ORDERS_KEY, ITEMS_KEY, "b", "a"]);
  assert.deepEqual(keys.rangesToRead(), ["a"]);
  paused.set(ORDERS_KEY, "orders").set(ITEMS_KEY, "items");
  assert.deepEqual(keys.now(), ["b"]);
  assert.equal(keys.isPaused({ id: "s", stream: ORDERS }), true);
});

Deno.test("KeysToRun lets the ranges of a retired stream wait with a wider one that follows", () => {
  const { seen, keys, paused, ranges, range } = world();
  seen.streams = new Map([["database.shop", { level: "database", database: "shop" }]]);
  ranges.set("a", range(ORDERS));
  assert.deepEqual(keys.now(), ["database.shop", "a"]);
  paused.set("database.shop", "database:shop");
  assert.deepEqual(keys.now(), []);
});
