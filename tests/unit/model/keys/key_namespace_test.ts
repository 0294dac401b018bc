import assert from "node:assert/strict";
import { namespaceOfKey } from "../../../../src/model/keys/key_namespace.ts";

Deno.test("namespaceOfKey knows the stream of objects, dead letters and records", () => {
  const cases = [
    ["db=shop/coll=orders/collection.shop.orders-5f0c2a91-42-0.parquet", "shop", "orders"],
    ["x/collection.shop.orders.e2.1of4-5f0c2a91-42-0.jsonl.gz", "shop", "orders"],
    ["db=shop/coll=orders/database.shop-5f0c2a91-42-0.parquet", "shop", ""],
    ["db=shop/coll=orders/deployment-5f0c2a91-42-0.parquet", "", ""],
    ["_tributary/dead-letter/collection.shop.a%2Eb-5f0c2a91-42-0.bson", "shop", "a.b"],
    ["_tributary/streams/collection.shop.orders/0000000000000042.json", "shop", "orders"],
    ["_tributary/streams/collection.shop.orders/tip/0000000000000999.json", "shop", "orders"],
    ["_tributary/probe/none", "", ""],
    ["somebody-elses.parquet", "", ""],
  ] as const;
  for (const [key, database, collection] of cases) {
    assert.deepEqual(namespaceOfKey(key), { database, collection }, key);
  }
});
