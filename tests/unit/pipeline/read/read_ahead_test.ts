import assert from "node:assert/strict";
import { HistoryLostError, TransientError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import { openReadable } from "../../../../src/pipeline/read/past_unreadable.ts";
import { ReadAhead } from "../../../../src/pipeline/read/read_ahead.ts";
import type { Reservation } from "../../../../src/pipeline/read/reservation.ts";
import type { EventCursor, Source, SourceReply } from "../../../../src/pipeline/ports.ts";
import { Wake } from "../../../../src/support/flow/notify.ts";
import { replyOf } from "../../../support/event_factory.ts";
import { ORDERS, SETTINGS } from "../../../support/lake_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("ReadAhead asks for the next reply only once the one before is taken", async () => {
  const { reader, asked, answer, clock } = begin();
  await clock.settle();
  assert.equal(reader.isOpen, true);
  assert.equal(asked.length, 1);
  assert.equal(reader.take(), undefined);
  answer(replyOf([{ t: 10, i: 1 }]));
  await clock.settle();
  assert.equal(asked.length, 1);
  assert.equal(reader.take()?.reply.starts.length, 1);
  await clock.settle();
  // The next one is on its way while this one is handled.
  assert.equal(asked.length, 2);
  await reader.close();
});

Deno.test("ReadAhead holds a reply's bytes in the budget, and its expected bytes before", async () => {
  const { reader, budget, answer, clock } = begin();
  await clock.settle();
  const expected = budget.usedBytes;
  assert(expected > 0);
  const reply = replyOf([{ t: 10, i: 1, payload: "x".repeat(1000) }]);
  answer(reply);
  await clock.settle();
  assert.equal(budget.usedBytes, reply.bytes.length);
  const { room } = reader.take()!;
  await clock.settle();
  assert(budget.usedBytes > reply.bytes.length);
  await reader.close();
  // What was taken belongs to the taker.
  assert.equal(budget.usedBytes, reply.bytes.length);
  room.release();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("ReadAhead gives back what nobody took when it is closed", async () => {
  const { reader, budget, answer, clock } = begin();
  await clock.settle();
  answer(replyOf([{ t: 10, i: 1 }]));
  await clock.settle();
  await reader.close();
  assert.equal(budget.usedBytes, 0);
  assert.equal(reader.take(), undefined);
  assert.equal(failureOf(reader), "none");
});

Deno.test("a full budget stops reading until bytes are given back", async () => {
  let full: Reservation | undefined;
  const { reader, asked, budget, clock } = begin((budget) => full = budget.reserve(1 << 20));
  await clock.settle();
  assert.equal(asked.length, 0);
  full?.release();
  await clock.settle();
  assert.equal(asked.length, 1);
  await reader.close();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("closing a reader that waits for the budget ends it", async () => {
  const { reader, asked, budget } = begin((budget) => budget.reserve(1 << 20));
  await reader.close();
  assert.equal(asked.length, 0);
  assert.equal(budget.usedBytes, 1 << 20);
});

Deno.test("ReadAhead tells of a failure once the reply before it is taken", async () => {
  const { reader, budget, answer, fail, clock } = begin();
  await clock.settle();
  answer(replyOf([{ t: 10, i: 1 }]));
  await clock.settle();
  assert.equal(failureOf(reader), "none");
  reader.take()!.room.release();
  await clock.settle();
  fail(new TransientError("interrupted"));
  await clock.settle();
  assert.match(failureOf(reader), /interrupted/);
  assert.equal(budget.usedBytes, 0);
  await reader.close();
});

Deno.test("ReadAhead tells of a position that the source refuses, and is not open then", async () => {
  const clock = new VirtualClock();
  const source: Source = {
    describe: () => Promise.reject(new Error("nobody asks")),
    open: () => Promise.reject(new HistoryLostError("too old")),
  };
  const reader = new ReadAhead(optionsOf(clock, source, new MemoryBudget(1 << 20)));
  await clock.settle();
  assert.equal(reader.isOpen, false);
  assert(reader.failure?.error instanceof HistoryLostError);
  await reader.close();
});

Deno.test("ReadAhead ends after the reply of an invalidated stream", async () => {
  const { reader, asked, answer, clock } = begin();
  await clock.settle();
  answer({ ...replyOf([{ t: 10, i: 1 }]), invalidated: true });
  await clock.settle();
  assert.equal(reader.take()?.reply.invalidated, true);
  await clock.settle();
  assert.equal(asked.length, 1);
  assert.equal(failureOf(reader), "none");
  await reader.close();
});

Deno.test("ReadAhead does not mind a cursor that cannot be closed", async () => {
  const clock = new VirtualClock();
  const error = new TransientError("interrupted");
  const cursor = { next: () => Promise.reject(error), close: () => Promise.reject(error) };
  const source: Source = {
    describe: () => Promise.reject(new Error("nobody asks")),
    open: () => Promise.resolve(cursor),
  };
  const reader = new ReadAhead(optionsOf(clock, source, new MemoryBudget(1 << 20)));
  await clock.settle();
  assert.match(failureOf(reader), /interrupted/);
  await reader.close();
});

Deno.test("ReadAhead lets a source ask for the next reply before this one is taken", async () => {
  const { reader, asked, ahead, budget, answer, clock } = begin();
  await clock.settle();
  const expected = budget.usedBytes;
  const rows = ahead();
  assert(rows > 0);
  assert.equal(budget.usedBytes, 2 * expected);
  const reply = replyOf([{ t: 10, i: 1 }]);
  answer(reply);
  await clock.settle();
  assert.equal(budget.usedBytes, expected + reply.bytes.length);
  // Nobody takes the reply: the next one, which is on its way, is not waited for.
  assert.deepEqual(asked, [rows]);
  reader.take();
  await clock.settle();
  assert.deepEqual(asked, [rows, rows]);
  assert.equal(budget.usedBytes, expected + reply.bytes.length);
  await reader.close();
  assert.equal(budget.usedBytes, reply.bytes.length);
});

Deno.test("ReadAhead gives back what a request ahead holds when it is closed", async () => {
  const { reader, ahead, budget, answer, clock } = begin();
  await clock.settle();
  ahead();
  answer(replyOf([{ t: 10, i: 1 }]));
  await clock.settle();
  await reader.close();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("ReadAhead has nothing asked ahead where the budget is full", async () => {
  const full = begin();
  await full.clock.settle();
  full.budget.reserve(1 << 20);
  assert.equal(full.ahead(), 0);
  await full.reader.close();
});

function failureOf({ failure }: ReadAhead): string {
  return failure === undefined ? "none" : String(failure.error);
}

function begin(prepare: (budget: MemoryBudget) => unknown = () => {}, holdsRoom = false) {
  const clock = new VirtualClock();
  const budget = new MemoryBudget(1 << 20);
  prepare(budget);
  const asked: number[] = [];
  let waiting: PromiseWithResolvers<SourceReply> | undefined;
  let ahead = () => 0;
  const cursor: EventCursor = {
    holdsRoom,
    next(rowsMax, askAhead) {
      asked.push(rowsMax);
      ahead = askAhead!;
      waiting = Promise.withResolvers();
      return waiting.promise;
    },
    close() {
      waiting?.reject(new TransientError("closed"));
      return Promise.resolve();
    },
  };
  const source: Source = {
    describe: () => Promise.reject(new Error("nobody asks")),
    open: () => Promise.resolve(cursor),
  };
  const reader = new ReadAhead(optionsOf(clock, source, budget));
  const answer = (reply: SourceReply) => waiting?.resolve(reply);
  const fail = (error: Error) => waiting?.reject(error);
  return { reader, asked, ahead: () => ahead(), budget, clock, answer, fail };
}

function optionsOf(clock: VirtualClock, source: Source, budget: MemoryBudget) {
  const request = {
    stream: ORDERS,
    from: positionAt({ t: 1, i: 1 }),
    settings: SETTINGS,
    images: "as-set" as const,
    live: true as const,
  };
  return {
    budget,
    wake: new Wake(clock),
    signal: new AbortController().signal,
    open: (signal: AbortSignal) => openReadable(source, request, signal),
  };
}

Deno.test("ReadAhead of a stream that is not busy asks for its share at most, in bytes and in rows", async () => {
  const member = { openBatchBytes: () => 0, flush: () => {} };
  const alone = begin();
  await alone.clock.settle();
  const crowded = begin((budget) => {
    for (let i = 0; i < 1000; i++) budget.join({ ...member });
    return undefined;
  });
  await crowded.clock.settle();
  assert.ok(crowded.budget.usedBytes <= crowded.budget.shareBytes);
  assert.ok(crowded.asked[0]! * 100 < alone.asked[0]!, `${crowded.asked[0]} of ${alone.asked[0]}`);
  assert.ok(crowded.asked[0]! >= 1);
  await alone.reader.close();
  await crowded.reader.close();
});

Deno.test("ten thousand idle streams do not take turns: each has its request on its way", async () => {
  const STREAMS = 10_000;
  const budget = new MemoryBudget(192 * 1024 * 1024);
  for (let i = 0; i < STREAMS; i++) budget.join({ openBatchBytes: () => 0, flush: () => {} });
  const wake = new Wake(new VirtualClock());
  let asked = 0;
  const cursor = {
    holdsRoom: false,
    next: () => {
      asked++;
      return new Promise<never>(() => {});
    },
    close: () => Promise.resolve(),
  };
  const signal = new AbortController().signal;
  const open = () => Promise.resolve(cursor);
  for (let i = 0; i < STREAMS; i++) new ReadAhead({ open, budget, wake, signal });
  await new VirtualClock().settle();
  assert.equal(asked, STREAMS);
  assert.ok(budget.usedBytes <= budget.limitBytes / 2);
});

Deno.test("ReadAhead takes no room for what is counted already, and takes it also where there is none", async () => {
  const { reader, asked, budget, clock } = begin((budget) => budget.reserve(1 << 20), true);
  await clock.settle();
  assert.equal(asked.length, 1);
  await reader.close();
  assert.equal(budget.usedBytes, 1 << 20);
});
