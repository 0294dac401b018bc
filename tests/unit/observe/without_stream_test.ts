import assert from "node:assert/strict";
import { withoutStream } from "../../../src/observe/without_stream.ts";

Deno.test("withoutStream leaves of reasons what is the same for all streams that fail by one fault", () => {
  const reason = (name: string, seq: number) =>
    `Cannot write object "shop/_tributary/streams/collection.shop.${name}/${seq}.json"`;
  assert.equal(
    withoutStream(reason("a", 39), "collection:shop.a"),
    withoutStream(reason("b", 41), "collection:shop.b"),
  );
  const object = (name: string, id: string) =>
    `Cannot write object "db=shop/coll=${name}/year=2026/collection.shop.${name}-${id}-4-0.parquet"`;
  assert.equal(
    withoutStream(object("carts", "8b0c8a4c"), "collection:shop.carts"),
    withoutStream(object("items", "2e2c2ddd"), "collection:shop.items"),
  );
  assert.equal(withoutStream("effaced 4 deadbeef", "database:shop"), "effaced 0 deadbeef");
  assert.equal(withoutStream("x of collection:shop.a 2/16", "collection:shop.a 2/16"), "x of ");
  assert.notEqual(withoutStream("denied", "database:shop"), withoutStream("gone", "database:shop"));
});
