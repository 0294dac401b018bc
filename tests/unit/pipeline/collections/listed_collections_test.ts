import assert from "node:assert/strict";
import { ListedCollections } from "../../../../src/pipeline/collections/listed_collections.ts";

Deno.test("ListedCollections is the same map while the same is listed", () => {
  const listed = new ListedCollections();
  const of = (...names: string[]) =>
    listed.of(names.map((collection) => ({ database: "shop", collection })));
  const first = of("a", "b");
  assert.deepEqual([...first.keys()], ["collection.shop.a", "collection.shop.b"]);
  assert.equal(of("a", "b"), first);
  for (const other of [["a"], ["a", "c"], ["a", "c", "d"], []]) {
    const keys = other.map((name) => `collection.shop.${name}`);
    assert.deepEqual([...of(...other).keys()], keys);
  }
});
