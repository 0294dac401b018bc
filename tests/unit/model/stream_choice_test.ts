import assert from "node:assert/strict";
import { type Stream, streamKey } from "../../../src/model/stream.ts";
import { chooseStreamKeys, nameOfKey, parseTarget } from "../../../src/model/stream_choice.ts";

const orders = (index: number, epoch = 1): Stream => ({
  level: "collection",
  database: "shop",
  collection: "orders",
  partition: { epoch, index, of: 2 },
});

const STREAMS: readonly Stream[] = [
  { level: "deployment" },
  { level: "database", database: "shop" },
  { level: "collection", database: "shop", collection: "orders" },
  orders(1),
  orders(2),
  { level: "collection", database: "shop", collection: "orders.e1" },
  { level: "collection", database: "shop", collection: "x".repeat(200) },
];
const KEYS = STREAMS.map(streamKey);

Deno.test("parseTarget reads names of streams, and a collection without its level", () => {
  assert.deepEqual(parseTarget("database:shop"), STREAMS[1]);
  assert.deepEqual(parseTarget("deployment"), STREAMS[0]);
  assert.deepEqual(parseTarget("shop.orders"), STREAMS[2]);
  assert.deepEqual(parseTarget("collection:shop.orders"), STREAMS[2]);
  assert.deepEqual(parseTarget("shop.fs.files"), {
    level: "collection",
    database: "shop",
    collection: "fs.files",
  });
  for (const word of ["orders", "", ".orders", "shop.", "table:shop.orders"]) {
    assert.equal(parseTarget(word), undefined, word);
  }
});

Deno.test("chooseStreamKeys takes a target for all of its partitions, and for nothing else", () => {
  assert.deepEqual(chooseStreamKeys(KEYS, "shop.orders"), KEYS.slice(2, 5));
  assert.deepEqual(chooseStreamKeys(KEYS, "database:shop"), [KEYS[1]]);
  assert.deepEqual(chooseStreamKeys(KEYS, "shop.items"), []);
});

Deno.test("chooseStreamKeys takes one stream by its key or its name, also where a hash shortened it", () => {
  assert.deepEqual(chooseStreamKeys(KEYS, KEYS[3]!), [KEYS[3]]);
  assert.deepEqual(chooseStreamKeys(KEYS, "collection:shop.orders 2/2"), [KEYS[4]]);
  assert.deepEqual(chooseStreamKeys(KEYS, `shop.${"x".repeat(200)}`), [KEYS[6]]);
});

Deno.test("nameOfKey gives the name, or the key where the name was shortened", () => {
  assert.equal(nameOfKey(KEYS[3]!), "collection:shop.orders 1/2");
  assert.equal(nameOfKey(KEYS[6]!), KEYS[6]);
});
