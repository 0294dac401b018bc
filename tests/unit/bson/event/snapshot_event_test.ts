import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON, ObjectId, Timestamp } from "mongodb";
import { EventSpans, readEventSpans } from "../../../../src/bson/event/event_spans.ts";
import { SnapshotEvent, snapshotEvents } from "../../../../src/bson/event/snapshot_event.ts";
import { rowSuffix, rowToken } from "../../../../src/model/snapshot.ts";

const TIME = { t: 1_795_194_000, i: 7 };
const SUFFIX = rowSuffix("collection.shop.orders.initial", 1);
const ROWS = { database: "shop", collection: "orders", time: TIME, suffix: SUFFIX, row: 0 };

function laidOut(documents: readonly Uint8Array[]) {
  let at = 0;
  const starts = Uint32Array.from(documents, ({ length }) => (at += length) - length);
  return { bytes: new Uint8Array(Buffer.concat(documents)), starts };
}

Deno.test("events of documents are as those of inserts, with tokens that count", () => {
  const documents = [{ a: 1, _id: { b: 1 } }, { _id: new ObjectId() }, {
    _id: "x",
    deep: [{ y: 1 }],
  }];
  // Numbers that carry over in the token's digits.
  const first = 0xffffff - 1;
  const { bytes, starts } = laidOut(documents.map((document) => BSON.serialize(document)));
  const made = snapshotEvents(bytes, starts, { ...ROWS, row: first });
  const parts = [...made.starts].map((start) => {
    const length = new DataView(made.bytes.buffer).getInt32(start, true);
    return BSON.deserialize(made.bytes.subarray(start, start + length), { promoteValues: true });
  });
  assert.deepEqual(
    parts,
    documents.map((document, i) => ({
      _id: { _data: rowToken(TIME, SUFFIX, first + i) },
      operationType: "snapshot",
      clusterTime: new Timestamp(TIME),
      ns: { db: "shop", coll: "orders" },
      documentKey: { _id: document._id },
      fullDocument: document,
    })),
  );
});

Deno.test("the parts of each event lie where reading it finds them, whatever its key and size", () => {
  const documents = [1, "a longer key than that", "", { deep: "x".repeat(10_000) }, null].map((
    _id,
  ) => BSON.serialize({ _id, text: "y".repeat(50) }));
  const { bytes, starts } = laidOut(documents);
  const event = new SnapshotEvent(ROWS);
  for (const start of starts) {
    event.make(bytes, start);
    const read = new EventSpans();
    readEventSpans(event.bytes, 0, read);
    assert.deepEqual(event.spans, read);
  }
});

Deno.test("a document that is broken in its key has an event of its number, with an empty key", () => {
  const document = BSON.serialize({ _id: "x", a: 1 });
  document[4] = 0x77; // No type.
  const event = new SnapshotEvent({ ...ROWS, row: 5 });
  event.make(document, 0);
  const { tokenStart, tokenEnd, documentKeyStart } = event.spans;
  const token = new TextDecoder().decode(event.bytes.subarray(tokenStart, tokenEnd));
  assert.equal(token, rowToken(TIME, SUFFIX, 5));
  assert.equal(event.bytes[documentKeyStart], 5);
});
