import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { EventSpans, readEventSpans } from "../../../../src/bson/event/event_spans.ts";
import { NamespaceIndex } from "../../../../src/source/shared/namespace_index.ts";

function eventOf(ns: object | undefined, to?: object) {
  const bytes = BSON.serialize({
    ...{ _id: { _data: "82" }, operationType: to === undefined ? "insert" : "rename" },
    ...(ns === undefined ? {} : { ns }),
    ...(to === undefined ? {} : { to }),
  });
  const spans = new EventSpans();
  readEventSpans(bytes, 0, spans);
  return { bytes, spans };
}

Deno.test("NamespaceIndex finds all that is of an event's namespace, and nothing of one with like names", () => {
  const index = new NamespaceIndex<string>();
  const names = [["ab", "c"], ["a", "bc"], ["a", "b.c"], ["Ä", "ü"], ["a", "Bc"]] as const;
  for (const [database, collection] of names) {
    index.add({ database, collection }, `${database}/${collection}`);
  }
  index.add({ database: "a", collection: "bc" }, "once more");
  const found = (db: string, coll: string) => {
    const { bytes, spans } = eventOf({ db, coll });
    return index.ofEvent(bytes, spans);
  };
  assert.deepEqual(found("a", "bc"), ["a/bc", "once more"]);
  assert.deepEqual(found("a", "bc"), ["a/bc", "once more"], "the one asked for last");
  assert.deepEqual(found("ab", "c"), ["ab/c"]);
  assert.deepEqual(found("a", "b.c"), ["a/b.c"]);
  assert.deepEqual(found("Ä", "ü"), ["Ä/ü"]);
  for (const [db, coll] of [["abc", ""], ["", "abc"], ["a", "b"], ["a", "cb"], ["b", "bc"]]) {
    assert.deepEqual(found(db!, coll!), [], `${db}.${coll}`);
  }
});

Deno.test("NamespaceIndex knows no event of a whole database, and what a rename leads to", () => {
  const index = new NamespaceIndex<string>();
  index.add({ database: "shop", collection: "orders" }, "orders");
  const dropped = eventOf({ db: "shop" });
  assert.deepEqual(index.ofEvent(dropped.bytes, dropped.spans), []);
  const renamed = eventOf({ db: "shop", coll: "x" }, { db: "shop", coll: "orders" });
  assert.deepEqual(index.ofEvent(renamed.bytes, renamed.spans), []);
  assert.deepEqual(index.ofTarget(renamed.bytes, renamed.spans), ["orders"]);
  assert.deepEqual(index.ofTarget(dropped.bytes, dropped.spans), []);
});

Deno.test("NamespaceIndex tells a thousand collections apart", () => {
  const index = new NamespaceIndex<number>();
  for (let i = 0; i < 1000; i++) index.add({ database: "shop", collection: `c${i}` }, i);
  for (let i = 999; i >= 0; i--) {
    const { bytes, spans } = eventOf({ db: "shop", coll: `c${i}` });
    assert.deepEqual(index.ofEvent(bytes, spans), [i]);
  }
});
