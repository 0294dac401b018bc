import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import type { Reservation } from "../../../../src/pipeline/read/reservation.ts";

const NEVER = new AbortController().signal;

Deno.test("MemoryBudget.take waits in line until bytes are given back", async () => {
  const budget = new MemoryBudget(10);
  const order: string[] = [];
  const held = await budget.take(8, NEVER);
  const big = budget.take(6, NEVER).then(() => order.push("big"));
  const small = budget.take(1, NEVER).then(() => order.push("small"));
  await Promise.resolve();
  // The small one would fit, and must not overtake: the big one would wait for ever.
  assert.deepEqual(order, []);
  assert.equal(budget.usedBytes, 8);
  held.release();
  await Promise.all([big, small]);
  assert.deepEqual(order, ["big", "small"]);
  assert.equal(budget.usedBytes, 7);
});

Deno.test("MemoryBudget.takeAtOnce takes what is free, and nothing before those who wait", async () => {
  const budget = new MemoryBudget(100);
  const held = budget.takeAtOnce(60);
  assert.equal(held?.bytes, 60);
  assert.equal(budget.takeAtOnce(60), undefined);
  const waiting = budget.take(50, NEVER);
  assert.equal(budget.takeAtOnce(10), undefined);
  assert.equal(budget.usedBytes, 60);
  held?.release();
  await waiting;
  assert.equal(budget.usedBytes, 50);
});

Deno.test("MemoryBudget.take admits anything when nothing is used", async () => {
  const budget = new MemoryBudget(10);
  await budget.take(1000, NEVER);
  assert.equal(budget.usedBytes, 1000);
});

Deno.test("MemoryBudget.take rejects with the signal's reason and lets those behind pass", async () => {
  const budget = new MemoryBudget(10);
  const abort = new AbortController();
  await budget.take(8, NEVER);
  const big = budget.take(6, abort.signal);
  const small = budget.take(2, NEVER);
  abort.abort(new Error("enough"));
  await assert.rejects(big, /enough/);
  await small;
  assert.equal(budget.usedBytes, 10);
  await assert.rejects(budget.take(1, abort.signal), /enough/);
  assert.equal(budget.usedBytes, 10);
});

Deno.test("an abort after admission changes nothing", async () => {
  const budget = new MemoryBudget(10);
  const abort = new AbortController();
  const held = await budget.take(10, NEVER);
  const waiting = budget.take(4, abort.signal);
  held.release();
  await waiting;
  abort.abort();
  assert.equal(budget.usedBytes, 4);
});

Deno.test("a full MemoryBudget flushes the largest open batch", async () => {
  const budget = new MemoryBudget(10);
  const flushed: string[] = [];
  const member = (name: string, bytes: number) => ({
    openBatchBytes: () => bytes,
    flush: () => void flushed.push(name),
  });
  const [small, large] = [member("small", 2), member("large", 5)];
  const gone = member("gone", 100);
  for (const each of [small, large, gone, member("empty", 0)]) budget.join(each);
  budget.leave(gone);
  const held = await budget.take(9, NEVER);
  const waiting = budget.take(5, NEVER);
  assert.deepEqual(flushed, ["large"]);
  // Given back too little: the next flush is asked for.
  held.resize(8);
  assert.deepEqual(flushed, ["large", "large"]);
  held.resize(4);
  await waiting;
});

Deno.test("MemoryBudget keeps its limit, its line and its count under any use", async () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 10 }), kind: fc.nat({ max: 9 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const budget = new MemoryBudget(12);
      const held: Reservation[] = [];
      const waiting: { readonly id: number; readonly abort: AbortController }[] = [];
      const admitted: number[] = [];
      let aborted = 0;
      for (const [id, { bytes, kind }] of steps.entries()) {
        if (kind < 5) {
          const abort = new AbortController();
          waiting.push({ id, abort });
          budget.take(bytes, abort.signal).then((reservation) => {
            held.push(reservation);
            admitted.push(id);
          }, () => aborted++);
        } else if (kind < 8) {
          held.shift()?.release();
        } else {
          waiting[bytes % Math.max(1, waiting.length)]?.abort.abort();
        }
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
        assert.equal(budget.usedBytes, held.reduce((sum, each) => sum + each.bytes, 0));
        assert(budget.usedBytes <= 12);
      }
      while (held.length > 0) {
        held.shift()!.release();
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      }
      assert.equal(admitted.length + aborted, waiting.length, "a waiter was forgotten");
      assert.deepEqual(admitted, [...admitted].sort((a, b) => a - b));
      assert.equal(budget.usedBytes, 0);
    }),
  );
});

Deno.test("MemoryBudget lets those that are not busy have half of it together", () => {
  const budget = new MemoryBudget(1000);
  assert.equal(budget.shareBytes, 500);
  for (let i = 0; i < 10; i++) budget.join({ openBatchBytes: () => 0, flush: () => {} });
  assert.equal(budget.shareBytes, 50);
});
