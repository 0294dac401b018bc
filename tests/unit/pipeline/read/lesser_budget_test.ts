import assert from "node:assert/strict";
import { LesserBudget } from "../../../../src/pipeline/read/lesser_budget.ts";
import { type BudgetMember, MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";

const NEVER = new AbortController().signal;

function scene(limitBytes = 100) {
  const whole = new MemoryBudget(limitBytes);
  return { whole, lesser: new LesserBudget(whole) };
}

/** Notes who was asked to flush. */
function member(openBytes: number, flushed: string[], name: string): BudgetMember {
  return { openBatchBytes: () => openBytes, flush: () => void flushed.push(name) };
}

Deno.test("those who come second have half at most, and what they hold counts for all", () => {
  const { whole, lesser } = scene();
  assert.equal(lesser.limitBytes, 50);
  const held = lesser.takeAtOnce(40)!;
  assert.equal(lesser.takeAtOnce(20), undefined);
  assert.deepEqual([lesser.usedBytes, whole.usedBytes], [40, 40]);
  assert(whole.takeAtOnce(60) !== undefined);
  held.resize(45);
  assert.deepEqual([lesser.usedBytes, whole.usedBytes], [45, 105]);
  held.release();
  held.release();
  assert.deepEqual([lesser.usedBytes, whole.usedBytes], [0, 60]);
});

Deno.test("what becomes free is first for those who come first", async () => {
  const { whole, lesser } = scene();
  const order: string[] = [];
  const held = await whole.take(90, NEVER);
  const second = lesser.take(30, NEVER).then(() => order.push("second"));
  const first = whole.take(80, NEVER).then((room) => {
    order.push("first");
    return room;
  });
  held.release();
  const room = await first;
  await Promise.resolve();
  assert.deepEqual(order, ["first"]);
  room.release();
  await second;
  assert.deepEqual(order, ["first", "second"]);
});

Deno.test("whoever waits for their own half has one of them flushed, else the largest of all", async () => {
  const { whole, lesser } = scene();
  const flushed: string[] = [];
  whole.join(member(70, flushed, "stream"));
  lesser.join(member(20, flushed, "range"));
  const own = lesser.takeAtOnce(50)!;
  const stop = new AbortController();
  const waiting = lesser.take(10, stop.signal);
  assert.deepEqual(flushed, ["range"]);
  const streams = whole.reserve(70);
  own.release();
  assert.deepEqual(flushed, ["range"]);
  (await waiting).release();
  const more = lesser.take(40, stop.signal);
  assert.deepEqual(flushed, ["range", "stream"]);
  stop.abort(new Error("over"));
  await assert.rejects(more, /over/);
  streams.release();
  assert.equal(whole.usedBytes, 0);
});

Deno.test("whoever has nothing gets what is larger than their half, where all have nothing", async () => {
  const { whole, lesser } = scene(10);
  const room = await lesser.take(1000, NEVER);
  assert.equal(whole.usedBytes, 1000);
  room.release();
  assert.equal(lesser.usedBytes, 0);
});
