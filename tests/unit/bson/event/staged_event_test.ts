import assert from "node:assert/strict";
import { BSON, Timestamp } from "mongodb";
import { idBound } from "../../../../src/bson/event/id_bound.ts";
import { readStagedEvents, STAGED_ID } from "../../../../src/bson/event/staged_event.ts";
import { rowToken } from "../../../../src/model/snapshot.ts";

const TIME = { t: 7, i: 2 };
const SUFFIX = "0123456789AB";

function read(event: Record<string, unknown>) {
  return readStagedEvents(BSON.serialize(event), Uint32Array.of(0), TIME, SUFFIX, 5);
}

Deno.test("what stages have left of an insert becomes a snapshot's event, with a token of its row", () => {
  const rest = {
    clusterTime: new Timestamp(TIME),
    extra: [1, { a: null }],
    fullDocument: { b: 2 },
  };
  const _id = { _data: "82", [STAGED_ID]: "x" };
  const wallTime = new Date(7000);
  const made = read({
    ...{ extra: rest.extra, _id, operationType: "insert", wallTime, fullDocument: { b: 2 } },
  })!;
  assert.deepEqual(BSON.deserialize(made.bytes), {
    ...{ extra: rest.extra, _id: { _data: rowToken(TIME, SUFFIX, 5) } },
    ...{ operationType: "snapshot", fullDocument: { b: 2 } },
  });
  assert.deepEqual(made.bounds, [idBound(BSON.serialize({ _id: "x" }), 0)]);
});

Deno.test("an operation that a stage has named stays, and one that it removed is not there", () => {
  const _id = { _data: "82", [STAGED_ID]: 1 };
  const named = read({ _id, operationType: "upsert" })!;
  assert.equal(BSON.deserialize(named.bytes)["operationType"], "upsert");
  assert.deepEqual(Object.keys(BSON.deserialize(read({ _id })!.bytes)), ["_id"]);
});

Deno.test("an event whose _id is no more what it was is none", () => {
  assert.equal(read({ operationType: "insert" }), undefined);
  assert.equal(read({ _id: { _data: "82" } }), undefined);
  assert.equal(read({ _id: 5 }), undefined);
});
