import assert from "node:assert/strict";
import { deserialize, serialize } from "bson";
import { withNamespace } from "../../../../src/bson/event/with_namespace.ts";

Deno.test("withNamespace() adds the namespace behind the event's own fields", () => {
  const event = serialize({ _id: { _data: "82" }, operationType: "invalidate" });
  const document = deserialize(withNamespace(event, "shop", "größe"));
  assert.deepEqual(document, {
    _id: { _data: "82" },
    operationType: "invalidate",
    ns: { db: "shop", coll: "größe" },
  });
  assert.deepEqual(Object.keys(document), ["_id", "operationType", "ns"]);
});

Deno.test("withNamespace() leaves the collection out where there is none", () => {
  const document = deserialize(withNamespace(serialize({ a: 1 }), "shop", null));
  assert.deepEqual(document, { a: 1, ns: { db: "shop" } });
});
