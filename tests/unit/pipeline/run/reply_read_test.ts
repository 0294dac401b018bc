import assert from "node:assert/strict";
import { positionAt } from "../../../../src/model/position.ts";
import { replyRead } from "../../../../src/pipeline/run/reply_read.ts";
import { eventBytes } from "../../../support/event_factory.ts";

const TIME = { t: 9, i: 1 };
const EMPTY = { bytes: new Uint8Array(0), starts: new Uint32Array(0), waitMs: 5 };
const REPLY = { ...EMPTY, highWater: positionAt(TIME), invalidated: false };

Deno.test("replyRead counts an event that cannot be read, and says when the first one was", () => {
  const bytes = eventBytes({ t: 7, i: 2, database: "shop", collection: "a" });
  const event = { ...REPLY, bytes, starts: new Uint32Array([0]) };
  const { length } = bytes;
  const told = { type: "reply-read", events: 1, bytes: length, waitMs: 5, highWater: TIME };
  assert.deepEqual(replyRead(event), { ...told, first: { t: 7, i: 2 } });
  const unreadable = { data: "82", reason: "too large", event: bytes };
  assert.deepEqual(replyRead({ ...REPLY, bytes, unreadable }), told);
});

Deno.test("replyRead says of what comes second hand that it does", () => {
  const told = { type: "reply-read", events: 0, bytes: 0, waitMs: 5, highWater: TIME };
  assert.deepEqual(replyRead(REPLY), told);
  assert.deepEqual(replyRead({ ...REPLY, isSecondHand: true }), { ...told, isSecondHand: true });
});
