import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON, Decimal128, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from "mongodb";
import { idBound } from "../../../../../src/bson/event/id_bound.ts";
import { boundDocument } from "../../../../../src/source/mongo/documents/bound_document.ts";

const IDS: unknown[] = [
  ...[new MinKey(), new MaxKey(), null, true, "é", 2.5, -0, new Int32(7), new Long(7)],
  ...[Decimal128.fromString("1.10"), new ObjectId(), new Date(5), new UUID(), new Timestamp(9n)],
  ...[new Map<string, unknown>([["b", 1], ["0", new Map([["c", new Long(3)]])]]), /x/i],
];

Deno.test("a bound is sent as the bytes that it was read as, whatever type it has", () => {
  for (const _id of IDS) {
    const bytes = BSON.serialize(new Map<string, unknown>([["a", 1], ["_id", _id], ["z", "text"]]));
    const bound = idBound(bytes, 0);
    const expected = BSON.serialize(new Map([["_id", _id]]));
    assert.equal(bound, Buffer.from(expected).toString("base64"));
    assert.deepEqual(Buffer.from(BSON.serialize(boundDocument(bound))), Buffer.from(expected));
  }
});
