import assert from "node:assert/strict";
import { BSON } from "bson";
import { eventSummary, summaryText } from "../../../../src/bson/event/event_summary.ts";
import { eventBytes } from "../../../support/event_factory.ts";

const SKETCH = { t: 7, i: 1, database: "shop", collection: "orders", payload: "k" };

Deno.test("eventSummary says what an event is about", () => {
  const summary = eventSummary(eventBytes(SKETCH));
  assert.deepEqual(summary, {
    operation: "insert",
    database: "shop",
    collection: "orders",
    clusterSeconds: 7,
    documentKey: '{"_id":"k"}',
  });
  assert.equal(summaryText(summary), 'insert of shop.orders {"_id":"k"}');
});

Deno.test("eventSummary gives what can be read of a poor or damaged event", () => {
  assert.deepEqual(eventSummary(new Uint8Array([1, 2])), {});
  assert.equal(summaryText({}), "event");
  const drop = eventBytes({ t: 7, i: 1, database: "shop", operation: "dropDatabase" });
  assert.equal(summaryText(eventSummary(drop)), "dropDatabase of shop");
  const event = eventBytes(SKETCH);
  const at = new TextDecoder("latin1").decode(event).lastIndexOf("_id\0") - 1;
  event[at] = 0x3f;
  assert.equal(eventSummary(event).documentKey, undefined);
  assert.equal(eventSummary(event).collection, "orders");
  const cut = BSON.serialize({ operationType: "insert" });
  assert.deepEqual(eventSummary(cut), { operation: "insert" });
});
