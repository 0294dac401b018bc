import assert from "node:assert/strict";
import { EventSpans, readEventSpans } from "../../../src/bson/event/event_spans.ts";
import { OperationCounter } from "../../../src/encode/operation_counter.ts";
import { eventBytes } from "../../support/event_factory.ts";

/** All operations of MongoDB's change events, 5.0 to 8. */
const OPERATIONS = [
  "create",
  "createIndexes",
  "delete",
  "drop",
  "dropDatabase",
  "dropIndexes",
  "insert",
  "invalidate",
  "modify",
  "refineCollectionShardKey",
  "rename",
  "replace",
  "reshardCollection",
  "shardCollection",
  "update",
];

Deno.test("OperationCounter tells all operations of MongoDB apart", () => {
  const expected = Object.fromEntries(OPERATIONS.map((operation, i) => [operation, i + 1]));
  const events = OPERATIONS.flatMap((operation, i) => Array<string>(i + 1).fill(operation));
  assert.deepEqual(count(events), expected);
});

Deno.test("OperationCounter counts operations that take turns", () => {
  assert.deepEqual(count(["insert", "update", "insert", "update", "update"]), {
    insert: 2,
    update: 3,
  });
});

Deno.test("OperationCounter has counted nothing at first", () => {
  assert.deepEqual(count([]), {});
});

function count(operations: readonly string[]): Record<string, number> {
  const counter = new OperationCounter();
  const spans = new EventSpans();
  for (const [i, operation] of operations.entries()) {
    const bytes = eventBytes({ t: 1, i: i + 1, database: "shop", collection: "orders", operation });
    readEventSpans(bytes, 0, spans);
    counter.add(bytes, spans);
  }
  return counter.byOperation();
}
