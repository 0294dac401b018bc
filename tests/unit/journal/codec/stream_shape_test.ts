import assert from "node:assert/strict";
import fc from "fast-check";
import { STREAM } from "../../../../src/journal/codec/stream_shape.ts";
import { anyStream } from "../../model/streams_arbitrary.ts";

Deno.test("STREAM gives back any stream", () => {
  fc.assert(fc.property(anyStream, (stream) => assert.deepEqual(STREAM(stream, "stream"), stream)));
});

Deno.test("STREAM names what is wrong", () => {
  const orders = { level: "collection", database: "shop", collection: "orders" };
  const cases: [unknown, RegExp][] = [
    [null, /^field "stream.level" is undefined instead of "collection" or /],
    [{ level: "shard" }, /^field "stream.level" is "shard" instead of /],
    [{ level: "deployment", database: "shop" }, /^field "stream.database" is not known$/],
    [{ level: "database" }, /^field "stream.database" is missing$/],
    [{ level: "database", database: "" }, /^field "stream.database" is "" instead of a name$/],
    [{ ...orders, collection: 1 }, /^field "stream.collection" is 1 instead of a name$/],
    [
      { ...orders, partition: { epoch: 1, index: 0, of: 2 } },
      /^field "stream.partition.index" is 0/,
    ],
    [{ ...orders, partition: { epoch: 1, index: 1 } }, /^field "stream.partition.of" is missing$/],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => STREAM(value, "stream"), (error) => {
      assert(error instanceof TypeError);
      assert.match(error.message, message);
      return true;
    });
  }
});
