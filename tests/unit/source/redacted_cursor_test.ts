import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import type { EventCursor, SourceReply } from "../../../src/pipeline/ports.ts";
import { redactedCursor } from "../../../src/source/redacted_cursor.ts";
import { BSON } from "bson";
import { eventBytes, replyOf, tokensIn } from "../../support/event_factory.ts";

const NS = { database: "shop", collection: "orders" };

function cursorOf(...replies: SourceReply[]): EventCursor & { closed: number; asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    closed: 0,
    asked,
    next: (...args) => {
      asked.push(args);
      return Promise.resolve(replies.shift()!);
    },
    close() {
      this.closed++;
      return Promise.resolve();
    },
  };
}

Deno.test("redactedCursor is the cursor itself where nothing is to be removed", () => {
  const cursor = cursorOf();
  assert.equal(redactedCursor(cursor, { stages: [] }), cursor);
  assert.equal(redactedCursor(cursor, { redact: [], stages: [] }), cursor);
});

Deno.test("redactedCursor gives a reply on as it is if no event of it has the field", async () => {
  const reply = replyOf([{ t: 5, i: 1, ...NS, fullDocument: { a: 1 } }]);
  const cursor = cursorOf(reply);
  const redacted = redactedCursor(cursor, { redact: ["password"], stages: [] });
  const ahead = () => 3;
  assert.equal(await redacted.next(7, ahead), reply);
  assert.deepEqual(cursor.asked, [[7, ahead]]);
  await redacted.close();
  assert.equal(cursor.closed, 1);
});

Deno.test("redactedCursor makes a new reply of events with and without the field, and leaves the old bytes", async () => {
  const sketches = [1, 2, 3, 4].map((i) => ({
    ...{ t: 5, i, ...NS },
    fullDocument: i % 2 === 0 ? { n: i, password: "secret" } : { n: i },
  }));
  const reply = { ...replyOf(sketches), waitMs: 7 };
  const before = reply.bytes.slice();
  const redacted = redactedCursor(cursorOf(reply), { redact: ["password"], stages: [] });
  const got = await redacted.next(10);
  assert.deepEqual(reply.bytes, before);
  assert.deepEqual(tokensIn([got]), tokensIn([reply]));
  assert.deepEqual([got.highWater, got.invalidated, got.waitMs], [reply.highWater, false, 7]);
  const numbers = [...got.starts].map((start) => {
    const end = start + new DataView(got.bytes.buffer).getInt32(start, true);
    return BSON.deserialize(got.bytes.subarray(start, end))["fullDocument"];
  });
  assert.deepEqual(numbers, [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
});

Deno.test("redactedCursor refuses a field that is in the document key, for resume tokens have it as well", async () => {
  const event = BSON.deserialize(eventBytes({ t: 5, i: 1, ...NS }));
  const bytes = BSON.serialize({ ...event, documentKey: { _id: 1, email: "e@example.com" } });
  const reply = { ...replyOf([]), bytes, starts: new Uint32Array([0]) };
  const redacted = redactedCursor(cursorOf(reply), { redact: ["email"], stages: [] });
  await assert.rejects(redacted.next(10), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /of shop\.orders: .*shard key/);
    assert.doesNotMatch(error.message, /example\.com/);
    return true;
  });
});

Deno.test("redactedCursor finds what a stage has copied into a field of the server's", async () => {
  const event = BSON.deserialize(eventBytes({ t: 5, i: 1, ...NS }));
  const updatedFields = { copy: { deep: { password: "hush" } } };
  const bytes = BSON.serialize({ ...event, updateDescription: { updatedFields } });
  const reply = { ...replyOf([]), bytes, starts: new Uint32Array([0]) };
  const textAfter = async (stages: unknown[]) => {
    const got = await redactedCursor(cursorOf(reply), { redact: ["password"], stages }).next(10);
    return new TextDecoder("latin1").decode(got.bytes);
  };
  const stage = { $set: { "updateDescription.updatedFields.copy.deep": "$fullDocument" } };
  assert.doesNotMatch(await textAfter([stage]), /hush/);
  assert.match(await textAfter([{ $match: { operationType: "update" } }]), /hush/);
});
