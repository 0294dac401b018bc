import assert from "node:assert/strict";
import { hintOf } from "../../../../src/table/follow/known_lake.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";

Deno.test("what is known is noted, without streams that were not read and without streams that are closed in tables", () => {
  const at = { seq: 7, id: "r" };
  const name = { database: "shop", collection: "orders" };
  const holes = { ...NO_HOLES, gaps: 2 };
  const hint = hintOf({
    streams: new Map([["a", { place: at }], ["b", { place: undefined }]]),
    closed: new Map([["c", at]]),
    holes: new Map([["a", { all: holes, elsewhere: { "shop.a/b": 2 } }]]),
    refusals: { "shop.a/b": { a: { why: "a %" } } },
    tables: new Map([["f", { name, streams: new Set(["a", "c"]) }]]),
    drop: "d",
  });
  assert.deepEqual(hint, {
    streams: {
      a: { ...at, holes, elsewhere: { "shop.a/b": 2 } },
      c: { ...at, closed: true, holes: NO_HOLES },
    },
    tables: { f: { ...name, streams: ["a"] } },
    refusals: { "shop.a/b": { a: { why: "a %" } } },
    drop: "d",
  });
});
