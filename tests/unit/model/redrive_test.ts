import assert from "node:assert/strict";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";
import { EventSpans } from "../../../src/bson/event/event_spans.ts";
import { rowFault } from "../../../src/encode/row_fault.ts";
import { isWholeEvent, redrivenEvents } from "../../../src/model/redrive.ts";

Deno.test("isWholeEvent knows the reasons of encoders, and no other", () => {
  assert(isWholeEvent(new MalformedBsonError("type is 0x3f", 7).message));
  assert(isWholeEvent("the encoder died on this event"));
  const spans = new EventSpans();
  assert(isWholeEvent(rowFault(spans)!));
  Object.assign(spans, { operationStart: 1, databaseStart: 1, tokenStart: 1, clusterSeconds: 1 });
  assert(isWholeEvent(rowFault(Object.assign(spans, { clusterIncrement: 2 ** 31 }))!));
  assert(isWholeEvent(rowFault(Object.assign(spans, { clusterIncrement: 1, wallTimeMs: 9e15 }))!));
  for (
    const reason of [
      "Cannot read the change stream collection:shop.orders: no post-image",
      "Cannot open the change stream database:shop: BSONObj size is invalid",
      "something of a later version",
    ]
  ) assert(!isWholeEvent(reason), reason);
});

Deno.test("redrivenEvents gathers the events of all redrives", () => {
  const redrive = (...events: string[]) => ({
    ...{ seq: 1, number: 0, recordId: "r", redrivenAt: "", by: "", encoderVersion: 1 },
    encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const,
    objects: [{
      ...{ key: "k", database: "d", collection: "c", bucket: "", rows: 1, bytes: 1 },
      events,
    }],
  });
  assert.deepEqual(redrivenEvents([redrive("a", "b"), redrive("c")]), new Set(["a", "b", "c"]));
  assert.deepEqual(redrivenEvents([]), new Set());
});
