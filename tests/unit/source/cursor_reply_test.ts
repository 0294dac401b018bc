import assert from "node:assert/strict";
import { BSON, Timestamp } from "mongodb";
import fc from "fast-check";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";
import { readCursorReply } from "../../../src/source/cursor_reply.ts";

const TOKEN = "826B00FA67000000082B022C0100296E04";

Deno.test("readCursorReply finds id, namespace, token and the start of each event", () => {
  fc.assert(fc.property(
    fc.array(fc.dictionary(fc.string(), fc.string()), { maxLength: 150 }),
    fc.constantFrom("firstBatch", "nextBatch"),
    fc.boolean(),
    (events, batch, batchFirst) => {
      const token = { _data: TOKEN };
      const id = BSON.Long.fromBigInt(8163605182655544040n);
      const bytes = BSON.serialize(
        batchFirst
          ? { [batch]: events, postBatchResumeToken: token, id, ns: "shop.orders.x" }
          : { id, ns: "shop.orders.x", postBatchResumeToken: token, [batch]: events },
      );
      const reply = readCursorReply(bytes);
      assert.equal(reply.id, 8163605182655544040n);
      assert.equal(reply.namespace, "shop.orders.x");
      assert.deepEqual(reply.highWater, { operationTime: { t: 0x6b00fa67, i: 8 }, data: TOKEN });
      const found = [...reply.starts].map((start) =>
        BSON.deserialize(bytes.subarray(start), { allowObjectSmallerThanBufferSize: true })
      );
      assert.deepEqual(found, events.map((event) => BSON.deserialize(BSON.serialize(event))));
    },
  ));
});

Deno.test("readCursorReply finds thousands of events, and its answers are not changed by the next", () => {
  const replyOf = (ns: string, count: number) =>
    BSON.serialize({ id: 1n, ns, nextBatch: Array.from({ length: count }, (_, n) => ({ n })) });
  const bytes = replyOf("a.b", 5_000);
  const { starts } = readCursorReply(bytes);
  readCursorReply(replyOf("a.another", 7));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const numbers = Array.from(starts, (start) => view.getInt32(start + "n".length + 6, true));
  assert.deepEqual(numbers, Array.from({ length: 5_000 }, (_, n) => n));
});

Deno.test("readCursorReply keeps the type bits of a token in base64", () => {
  const postBatchResumeToken = { _data: TOKEN, _typeBits: new BSON.Binary(Uint8Array.of(1, 130)) };
  const bytes = BSON.serialize({ id: 0n, ns: "a.b", nextBatch: [], postBatchResumeToken });
  assert.equal(readCursorReply(bytes).highWater?.typeBits, "AYI=");
});

Deno.test("readCursorReply passes over fields it does not know, and a missing token", () => {
  const bytes = BSON.serialize({
    atClusterTime: new Timestamp({ t: 1, i: 2 }),
    partialResultsReturned: true,
    nextBatch: [{ a: 1 }],
    id: 5n,
    ns: "a.b",
  });
  const reply = readCursorReply(bytes);
  assert.equal(reply.highWater, undefined);
  assert.equal(reply.starts.length, 1);
});

Deno.test("readCursorReply refuses a reply without id, events that are none, and cut bytes", () => {
  assert.throws(() => readCursorReply(BSON.serialize({ nextBatch: [] })), MalformedBsonError);
  const numbers = BSON.serialize({ id: 1n, ns: "a.b", nextBatch: [1] });
  assert.throws(() => readCursorReply(numbers), MalformedBsonError);
  const whole = BSON.serialize({ id: 1n, ns: "a.b", nextBatch: [{ a: 1 }] });
  for (let end = 0; end < whole.length; end++) {
    assert.throws(() => readCursorReply(whole.slice(0, end)), MalformedBsonError);
  }
});

Deno.test("readCursorReply refuses a token of another form than MongoDB's", () => {
  const bytes = BSON.serialize({
    id: 1n,
    ns: "a.b",
    nextBatch: [],
    postBatchResumeToken: { _data: "0165" },
  });
  assert.throws(() => readCursorReply(bytes), /Cannot read a resume token/);
});
