import assert from "node:assert/strict";
import type { Stream } from "../../../../src/model/stream.ts";
import { isOurs } from "../../../../src/pipeline/collections/is_ours.ts";

const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };
const SHOP: Stream = { level: "database", database: "shop" };

Deno.test("isOurs() goes by the streams that there are", () => {
  assert(isOurs(ORDERS, [ORDERS], { named: [] }));
  assert(!isOurs(ORDERS, [SHOP], { named: [] }));
  assert(isOurs(SHOP, [SHOP], { named: [] }));
});

Deno.test("isOurs() keeps a collection that patterns chose when its stream is over", () => {
  const choice = { named: [], filter: { include: ["shop.o*"], exclude: ["shop.old*"] } };
  assert(isOurs(ORDERS, [], choice));
  assert(!isOurs({ ...ORDERS, collection: "older" }, [], choice));
  assert(!isOurs({ ...ORDERS, database: "crm" }, [], choice));
  assert(!isOurs(SHOP, [], choice));
});
