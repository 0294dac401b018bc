import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON } from "mongodb";
import { snapshotEvents } from "../../../../src/bson/event/snapshot_event.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import { Batcher } from "../../../../src/pipeline/batch/batcher.ts";
import type { DocumentReply } from "../../../../src/pipeline/documents.ts";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import { DocumentQueue } from "../../../../src/pipeline/snapshot/document_queue.ts";
import { ORDERS } from "../../../support/lake_world.ts";

const AT = { t: 5, i: 1 };
const ORDERS_NAME = { database: "shop", collection: "orders" };

/** With documents where the first has an odd number, else with their events. */
function replyOf(state: DocumentReply["state"], ...ids: number[]): DocumentReply {
  const all = ids.map((_id) => BSON.serialize({ _id }));
  let at = 0;
  const starts = Uint32Array.from(all, ({ length }) => (at += length) - length);
  const rows = { ...ORDERS_NAME, time: AT, suffix: "0".repeat(12), row: ids[0] ?? 0 };
  const bytes = new Uint8Array(Buffer.concat(all));
  const made = (ids[0] ?? 0) % 2 === 0
    ? snapshotEvents(bytes, starts, rows)
    : { bytes, starts, rows };
  const highWater = positionAfterTime(AT);
  return { ...made, highWater, invalidated: state !== "more", waitMs: 0, at: AT, state };
}

function scene(rowsMax = 100) {
  const budget = new MemoryBudget(1 << 20);
  const queue = new DocumentQueue();
  const limits = { rowsMax, bytesMax: 1 << 20, objectsMax: 10 };
  const batcher = new Batcher(ORDERS, positionAfterTime(AT), "hour", limits);
  const put = (reply: DocumentReply) => queue.put({ reply, room: budget.reserve(100) });
  return {
    budget,
    queue,
    batcher,
    put,
    take: () => {
      while (queue.isReady && !batcher.isFull()) queue.giveTo(batcher);
    },
  };
}

/** The `_id` at which the queue goes on. */
function nextOf(queue: DocumentQueue): number | undefined {
  const bound = queue.nextId();
  return bound === undefined ? undefined : BSON.deserialize(Buffer.from(bound, "base64"))["_id"];
}

Deno.test("the last document of a reply waits for the next reply, and so does its room", () => {
  const { budget, queue, batcher, put, take } = scene();
  put(replyOf("more", 1, 2, 3));
  take();
  assert.equal(batcher.rows, 2);
  assert.equal(nextOf(queue), 3);
  assert.equal(budget.usedBytes, 100);
  put(replyOf("more", 4));
  take();
  assert.equal(batcher.rows, 3);
  assert.equal(nextOf(queue), 4);
  assert.equal(budget.usedBytes, 100);
  put(replyOf("more"));
  put(replyOf("ended"));
  take();
  assert.equal(batcher.rows, 4);
  assert(queue.isEmpty);
  assert.equal(nextOf(queue), undefined);
  assert.equal(budget.usedBytes, 0);
});

Deno.test("a batch that is full leaves the rest where it is, and what is dropped gives its room back", () => {
  const { budget, queue, batcher, put, take } = scene(2);
  put(replyOf("ended", 1, 2, 3));
  take();
  assert.equal(batcher.rows, 2);
  assert.equal(nextOf(queue), 3);
  put(replyOf("more", 4, 5));
  queue.drop();
  assert(queue.isEmpty);
  assert.equal(budget.usedBytes, 0);
});

Deno.test("each document keeps its number, whatever it came with and waited for", () => {
  const { batcher, put, take } = scene();
  put(replyOf("more", 3, 4, 5));
  take();
  put(replyOf("ended", 6, 7));
  take();
  const events = batcher.cut()!.objects.flatMap(({ chunks }) => chunks).flatMap((chunk) =>
    chunk.rows === undefined
      ? [...chunk.starts].map((start) => numberAt(chunk.bytes, start))
      : [...chunk.starts.keys()].map((i) => chunk.rows!.row + i)
  );
  assert.deepEqual(events, [3, 4, 5, 6, 7]);
});

/** The number in the token of an event. */
function numberAt(bytes: Uint8Array, start: number): number {
  const length = new DataView(bytes.buffer).getInt32(start, true);
  const { _id } = BSON.deserialize(bytes.subarray(start, start + length));
  return parseInt(_id._data.slice(-12), 16);
}
