import assert from "node:assert/strict";
import { BSON, Timestamp } from "mongodb";
import { EventSpans, readEventSpans } from "../../../../src/bson/event/event_spans.ts";
import { renamedOnto } from "../../../../src/bson/event/renamed_onto.ts";

function read(to: unknown) {
  const bytes = BSON.serialize({
    _id: { _data: "82" },
    operationType: "rename",
    clusterTime: new Timestamp({ t: 7, i: 2 }),
    ns: { db: "shop", coll: "new" },
    to,
  });
  const spans = new EventSpans();
  readEventSpans(bytes, 0, spans);
  return renamedOnto(bytes, spans);
}

Deno.test("a rename tells onto what, and when; what a stage has made of it tells nothing", () => {
  const at = { t: 7, i: 2 };
  assert.deepEqual(read({ db: "shop", coll: "orders" }), {
    database: "shop",
    collection: "orders",
    at,
  });
  assert.equal(read("orders"), undefined);
  assert.equal(read({ coll: "orders" }), undefined);
});
