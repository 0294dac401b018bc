import assert from "node:assert/strict";
import { withoutStream } from "../../../src/observe/without_stream.ts";

Deno.test("withoutStream leaves of reasons what is the same for all streams that fail by one fault", () => {
  const reason = (name: string, seq: number) =>
    `Cannot write object "shop/_tributary/streams/collection.shop.${name}/${seq}.json"`;
  assert.equal(
    withoutStream(reason("a", 39), "collection:shop.a"),
    withoutStream(reason("b", 41), "collection:shop.b"),
  );
  assert.equal(withoutStream("x of collection:shop.a 2/16", "collection:shop.a 2/16"), "x of ");
  assert.notEqual(withoutStream("denied", "database:shop"), withoutStream("gone", "database:shop"));
});
