import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON, ObjectId, Timestamp } from "mongodb";
import { SnapshotEvents } from "../../../../src/bson/event/snapshot_event.ts";
import { rowSuffix, rowToken } from "../../../../src/model/snapshot.ts";

const TIME = { t: 1_795_194_000, i: 7 };
const SUFFIX = rowSuffix("collection.shop.orders.initial", 1);

Deno.test("events of documents are as those of inserts, with tokens that count", () => {
  const documents = [{ a: 1, _id: { b: 1 } }, { _id: new ObjectId() }, {
    _id: "x",
    deep: [{ y: 1 }],
  }];
  // Numbers that carry over in the token's digits.
  const first = 0xffffff - 1;
  const events = new SnapshotEvents(
    { database: "shop", collection: "orders" },
    TIME,
    SUFFIX,
    first,
  );
  const parts = [documents.slice(0, 1), documents.slice(1)].flatMap((part) => {
    const all = part.map((document) => BSON.serialize(document));
    let at = 0;
    const starts = Uint32Array.from(all, ({ length }) => (at += length) - length);
    const made = events.write(new Uint8Array(Buffer.concat(all)), starts);
    return [...made.starts].map((start) => {
      const length = new DataView(made.bytes.buffer).getInt32(start, true);
      return BSON.deserialize(made.bytes.subarray(start, start + length), { promoteValues: true });
    });
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
