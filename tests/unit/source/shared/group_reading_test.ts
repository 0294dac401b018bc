import assert from "node:assert/strict";
import { TransientError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { EventCursor } from "../../../../src/pipeline/ports.ts";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import { GroupReading } from "../../../../src/source/shared/group_reading.ts";

function readingOf(
  budget: MemoryBudget,
  next: EventCursor["next"],
  groups = 1,
) {
  const closed: string[] = [];
  const cursor: EventCursor = { next, close: () => Promise.resolve(void closed.push("closed")) };
  const reading = new GroupReading(cursor, "deployment", budget, () => groups);
  return { reading, closed };
}

function replyOf(rows: number) {
  const starts = new Uint32Array(rows);
  const highWater = positionAt({ t: 1, i: 1 });
  return { bytes: new Uint8Array(rows * 10), starts, highWater, invalidated: false, waitMs: 0 };
}

Deno.test("GroupReading holds room for a reply until it is given back, and asks ahead where there is some", async () => {
  const budget = new MemoryBudget(4 << 20);
  const asked: number[] = [];
  const { reading } = readingOf(budget, (rows, ahead) => {
    asked.push(rows, ahead!());
    return Promise.resolve(replyOf(rows));
  });
  const { held, isFull } = await reading.next();
  assert.ok(isFull);
  assert.equal(asked.length, 2);
  assert.ok(asked[1]! > 0);
  const before = budget.usedBytes;
  held.release();
  assert.ok(budget.usedBytes < before);
  await reading.close();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("GroupReading waits where there is no room, and is told when it is closed", async () => {
  const budget = new MemoryBudget(1 << 20);
  const all = budget.reserve(1 << 20);
  const { reading, closed } = readingOf(budget, () => Promise.resolve(replyOf(0)));
  const waiting = assert.rejects(reading.next(), { name: "AbortError" });
  await reading.close();
  await waiting;
  all.release();
  assert.equal(budget.usedBytes, 0);
  assert.deepEqual(closed, ["closed"]);
});

Deno.test("GroupReading gives room back that a failure leaves", async () => {
  const budget = new MemoryBudget(1 << 20);
  const { reading } = readingOf(budget, () => Promise.reject(new TransientError("away")));
  await assert.rejects(reading.next(), /away/);
  assert.equal(budget.usedBytes, 0);
});

Deno.test("GroupReading asks for nothing ahead where the budget is full", async () => {
  const budget = new MemoryBudget(256 * 1024);
  let ahead = -1;
  const { reading } = readingOf(budget, (_, more) => {
    budget.reserve(256 * 1024);
    ahead = more!();
    return Promise.resolve(replyOf(1));
  });
  await reading.next();
  assert.equal(ahead, 0);
});

Deno.test("GroupReading asks for a small share while its replies do not come full, and then for more", async () => {
  const budget = new MemoryBudget(4 << 20);
  const asked: number[] = [];
  const next = (rows: number) => {
    asked.push(rows);
    return Promise.resolve(replyOf(asked.length < 3 ? 0 : rows));
  };
  const { reading } = readingOf(budget, next, 256);
  for (let i = 0; i < 6; i++) (await reading.next()).held.release();
  assert.deepEqual(asked.slice(0, 3), [8, 8, 8]);
  assert(asked.at(-1)! > 8 * 10, `${asked}`);
  await reading.close();
});
