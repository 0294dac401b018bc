import assert from "node:assert/strict";
import { type CollectionStream, epochOf, streamsOfLayout } from "../../../src/model/layout.ts";
import { streamKey } from "../../../src/model/stream.ts";

const ORDERS: CollectionStream = { level: "collection", database: "shop", collection: "orders" };

Deno.test("streamsOfLayout() gives the undivided collection for epoch 0", () => {
  const [stream, ...others] = streamsOfLayout(ORDERS, { epoch: 0, of: 1 });
  assert.deepEqual([stream, others], [ORDERS, []]);
  assert.equal(epochOf(stream!), 0);
});

Deno.test("streamsOfLayout() counts the partitions of an epoch from 1", () => {
  const streams = streamsOfLayout(ORDERS, { epoch: 3, of: 2 });
  const keys = ["collection.shop.orders.e3.1of2", "collection.shop.orders.e3.2of2"];
  assert.deepEqual(streams.map(streamKey), keys);
  assert.deepEqual(streams.map(epochOf), [3, 3]);
});

Deno.test("streamsOfLayout() takes a partition for its collection", () => {
  const [partition] = streamsOfLayout(ORDERS, { epoch: 1, of: 4 });
  assert.deepEqual(streamsOfLayout(partition!, { epoch: 0, of: 1 }), [ORDERS]);
});
