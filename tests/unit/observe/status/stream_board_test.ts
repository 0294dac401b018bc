import assert from "node:assert/strict";
import type { StreamCondition } from "../../../../src/model/stream_condition.ts";
import { StreamBoard } from "../../../../src/observe/status/stream_board.ts";
import type { PipelineEvent } from "../../../../src/pipeline/events.ts";
import {
  batchDurable,
  CARTS,
  objectStored,
  ORDERS,
  readingEvents,
  secondsAgo,
} from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const clock = new VirtualClock();

Deno.test("StreamBoard follows a stream's condition and its last failure", () => {
  const board = new StreamBoard(clock);
  const after = (event: PipelineEvent): [StreamCondition | undefined, string | undefined] => {
    board.take(ORDERS, event);
    const facts = board.stream(ORDERS.key);
    return [facts?.condition, facts?.error?.message];
  };
  const opened: PipelineEvent = { type: "source-opened", position: secondsAgo(clock, 1) };
  assert.deepEqual(after({ type: "stream-started", generation: 1 }), ["opening", undefined]);
  assert.deepEqual(after(opened), ["running", undefined]);
  assert.deepEqual(after({ type: "source-lost", reason: "gone" }), ["opening", "gone"]);
  assert.deepEqual(after(opened), ["running", undefined]);
  const failed = { type: "stream-failed", error: "no", permanent: false, retryMs: 1 } as const;
  assert.deepEqual(after(failed), ["waiting", "no"]);
  assert.deepEqual(after({ ...failed, permanent: true }), ["failed", "no"]);
  assert.deepEqual(after({ type: "fenced", reason: "other" }), ["waiting", "other"]);
  assert.deepEqual(after({ type: "stream-stopped" }), [undefined, undefined]);
});

Deno.test("StreamBoard shows a failed stream also while its lease is given back, until it reads or is forgotten", () => {
  const board = new StreamBoard(clock);
  const after = (...events: PipelineEvent[]): [StreamCondition, string | undefined] | undefined => {
    for (const event of events) board.take(ORDERS, event);
    const facts = board.stream(ORDERS.key);
    return facts && [facts.condition, facts.error?.message];
  };
  const started = { type: "stream-started", generation: 1 } as const;
  const failed = { type: "stream-failed", error: "no", permanent: true, retryMs: 1 } as const;
  const stopped = { type: "stream-stopped" } as const;
  assert.deepEqual(after(started, failed, stopped), ["failed", "no"]);
  board.keepFailing([ORDERS.key]);
  assert.deepEqual(after(started), ["failed", "no"]);
  // It has its lease again: others' words about it do not count.
  board.keepFailing([]);
  assert.deepEqual(after(failed, stopped), ["failed", "no"]);
  board.keepFailing([]);
  assert.equal(board.stream(ORDERS.key), undefined);
  const opened: PipelineEvent = { type: "source-opened", position: secondsAgo(clock, 1) };
  const stored = batchDurable(secondsAgo(clock, 1));
  assert.deepEqual(after(started, failed, stopped, started, opened, stored), [
    "running",
    undefined,
  ]);
  assert.deepEqual(after(stopped), undefined);
});

Deno.test("StreamBoard takes a stream that is tried again for one that fails, until it has come past the fault", () => {
  const started = { type: "stream-started", generation: 1 } as const;
  const opened: PipelineEvent = { type: "source-opened", position: secondsAgo(clock, 9) };
  const read = (events: number, seconds: number): PipelineEvent => {
    const highWater = secondsAgo(clock, seconds).operationTime;
    return { type: "reply-read", events, bytes: 9, waitMs: 1, highWater };
  };
  const failed = (permanent: boolean) =>
    ({ type: "stream-failed", error: "no room", permanent, retryMs: 1 }) as const;
  const boardAfter = (permanent: boolean, ...events: PipelineEvent[]) => {
    const board = new StreamBoard(clock);
    for (const event of [started, opened, read(2, 5), failed(permanent), started, opened]) {
      board.take(ORDERS, event);
    }
    for (const event of events) board.take(ORDERS, event);
    return board;
  };
  const after = (permanent: boolean, ...events: PipelineEvent[]) => {
    const facts = boardAfter(permanent, ...events).stream(ORDERS.key)!;
    return [facts.condition, facts.error?.message];
  };
  assert.deepEqual(after(true), ["failed", "no room"]);
  assert.deepEqual(after(false), ["waiting", "no room"]);
  // It has only come to where it failed, or not even that far.
  assert.deepEqual(after(true, read(2, 5)), ["failed", "no room"]);
  assert.deepEqual(after(true, read(0, 7)), ["failed", "no room"]);
  assert.deepEqual(after(true, { type: "source-lost", reason: "gone" }), ["failed", "gone"]);
  // What the second try read counts as little as what the first one read.
  const tooSoon = [read(0, 7), failed(true), started, opened, read(0, 6)];
  assert.deepEqual(after(true, ...tooSoon), ["failed", "no room"]);
  for (const permanent of [true, false]) {
    assert.deepEqual(after(permanent, read(0, 4)), ["running", undefined]);
    const stored = batchDurable(secondsAgo(clock, 5));
    assert.deepEqual(after(permanent, read(2, 5), stored), ["running", undefined]);
  }
});

Deno.test("StreamBoard takes a fault that may pass for over when it reads and nothing is away", () => {
  const started = { type: "stream-started", generation: 1 } as const;
  const opened: PipelineEvent = { type: "source-opened", position: secondsAgo(clock, 9) };
  const { operationTime: highWater } = secondsAgo(clock, 5);
  const read = { type: "reply-read", events: 2, bytes: 9, waitMs: 1, highWater } as const;
  const after = (permanent: boolean, isCalm: boolean) => {
    const board = new StreamBoard(clock);
    const failed = { type: "stream-failed", error: "no", permanent, retryMs: 1 } as const;
    for (const event of [started, opened, read, failed, started, opened]) {
      board.take(ORDERS, event, isCalm);
    }
    board.take(ORDERS, read, isCalm);
    return board.stream(ORDERS.key)?.condition;
  };
  assert.equal(after(false, false), "waiting");
  assert.equal(after(false, true), "running");
  assert.equal(after(true, true), "failed");
});

Deno.test("StreamBoard counts what is read, held and stored", () => {
  const board = new StreamBoard(clock);
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  const highWater = secondsAgo(clock, 2).operationTime;
  board.take(ORDERS, { type: "reply-read", events: 5, bytes: 900, waitMs: 1, highWater });
  board.take(ORDERS, objectStored("shop", "orders"));
  board.take(ORDERS, batchDurable(secondsAgo(clock, 4)));
  const facts = board.stream(ORDERS.key)!;
  assert.equal(facts.readEvents, 5);
  assert.equal(facts.bufferedEvents, 2);
  assert.equal(facts.events, 3);
  assert.equal(facts.objects, 1);
  assert.deepEqual(facts.highWater, highWater);
  assert.deepEqual(facts.durable, secondsAgo(clock, 4).operationTime);
  assert.equal(facts.lastObject?.key, "db=shop/coll=orders/1.parquet");
  board.take(ORDERS, { type: "stream-failed", error: "no", permanent: false, retryMs: 1 });
  assert.equal(facts.bufferedEvents, 0);
});

Deno.test("StreamBoard knows up to which time all events are in the lake, and since when a stream fails", async () => {
  const clock = new VirtualClock();
  const board = new StreamBoard(clock);
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  const at = (seconds: number) => secondsAgo(clock, seconds).operationTime;
  const read = { type: "reply-read", bytes: 9, waitMs: 1 } as const;
  const facts = board.stream(ORDERS.key)!;
  board.take(ORDERS, { ...read, events: 0, highWater: at(8) });
  assert.deepEqual(facts.lake.time, at(8));
  board.take(ORDERS, { ...read, events: 3, highWater: at(2), first: at(5) });
  const inLake = facts.lake.time;
  assert.deepEqual(inLake, { ...at(5), i: 0 });
  const failed = { type: "stream-failed", error: "no", permanent: false, retryMs: 1 } as const;
  board.take(ORDERS, failed);
  await clock.advance(5000);
  board.take(ORDERS, failed);
  assert.deepEqual(facts.lake.time, inLake);
  assert.deepEqual([facts.error?.sinceMs, facts.error?.atMs], [
    clock.wallMs() - 5000,
    clock.wallMs(),
  ]);
});

Deno.test("StreamBoard takes a record without objects for stored only when nothing is held before it", () => {
  const board = new StreamBoard(clock);
  for (const event of readingEvents(clock)) board.take(ORDERS, event);
  const heartbeat = (seconds: number): PipelineEvent => ({
    type: "record-appended",
    kind: "heartbeat",
    seq: 5,
    to: secondsAgo(clock, seconds),
    appendMs: 3,
  });
  const durable = () => board.stream(ORDERS.key)!.durable;
  board.take(ORDERS, heartbeat(8));
  assert.deepEqual(durable(), secondsAgo(clock, 8).operationTime);
  const highWater = secondsAgo(clock, 1).operationTime;
  board.take(ORDERS, { type: "reply-read", events: 5, bytes: 900, waitMs: 1, highWater });
  board.take(ORDERS, heartbeat(1));
  assert.deepEqual(durable(), secondsAgo(clock, 8).operationTime);
});

Deno.test("StreamBoard gives its streams by name", () => {
  const board = new StreamBoard(clock);
  for (const stream of [ORDERS, CARTS]) {
    board.take(stream, { type: "stream-started", generation: 1 });
  }
  assert.deepEqual(board.streams.map(({ name }) => name), [CARTS.name, ORDERS.name]);
});

Deno.test("StreamBoard takes what is lost of streams that are here, and of no others", () => {
  const board = new StreamBoard(new VirtualClock());
  const losses = { gaps: 1, voidedObjects: 0, deadLetters: 0, acceptedRecords: 0, seq: 4 };
  board.take(ORDERS, { type: "losses-known", ...losses });
  assert.deepEqual(board.streams, []);
  board.take(ORDERS, { type: "stream-started", generation: 1 });
  assert.equal(board.stream(ORDERS.key)?.losses, undefined);
  board.take(ORDERS, { type: "losses-known", ...losses });
  assert.equal(board.stream(ORDERS.key)?.losses?.gaps, 1);
});
