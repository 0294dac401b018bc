import assert from "node:assert/strict";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import { Reservation } from "../../../../src/pipeline/read/reservation.ts";

Deno.test("Reservation.release gives everything back, once", () => {
  const budget = new MemoryBudget(100);
  const [first, second] = [budget.reserve(30), budget.reserve(20)];
  assert.equal(budget.usedBytes, 50);
  first.release();
  first.release();
  assert.deepEqual([first.bytes, second.bytes, budget.usedBytes], [0, 20, 20]);
  second.release();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("Reservation.resize tells the budget the difference, and only where there is one", () => {
  const told: number[] = [];
  const reservation = new Reservation(10, (bytes) => told.push(bytes));
  for (const bytes of [25, 25, 5]) reservation.resize(bytes);
  assert.equal(reservation.bytes, 5);
  reservation.release();
  assert.deepEqual(told, [15, -20, -5]);
});

Deno.test("Reservation.resize after the release is a mistake, and holds nothing", () => {
  const budget = new MemoryBudget(100);
  const reservation = budget.reserve(10);
  reservation.release();
  assert.throws(() => reservation.resize(7), /Cannot hold 7 bytes .* released/);
  assert.equal(budget.usedBytes, 0);
});

Deno.test("a Reservation that grows past the limit lets nobody in before it shrinks", async () => {
  const budget = new MemoryBudget(10);
  const reservation = budget.reserve(4);
  reservation.resize(15);
  let isIn = false;
  const waiting = budget.take(3, new AbortController().signal).then(() => isIn = true);
  reservation.resize(8);
  await Promise.resolve();
  assert.equal(isIn, false);
  reservation.resize(7);
  await waiting;
});
