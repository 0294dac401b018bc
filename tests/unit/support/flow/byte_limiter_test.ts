import assert from "node:assert/strict";
import { ByteLimiter } from "../../../../src/support/flow/byte_limiter.ts";

Deno.test("ByteLimiter lets tasks run as long as they hold no more than the limit together", async () => {
  const limiter = new ByteLimiter(10);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const task = (number: number) => () => {
    started.push(number);
    return new Promise<number>((resolve) => ends[number] = () => resolve(number));
  };
  const runs = [4, 6, 1, 100, 2].map((bytes, i) => limiter.run(bytes, task(i)));
  assert.deepEqual(started, [0, 1]);
  ends[0]!();
  assert.equal(await runs[0], 0);
  assert.deepEqual(started, [0, 1, 2]);
  ends[1]!();
  await runs[1];
  assert.deepEqual(started, [0, 1, 2]);
  ends[2]!();
  await runs[2];
  assert.deepEqual(started, [0, 1, 2, 3], "a task larger than the limit runs alone");
  ends[3]!();
  await runs[3];
  ends[4]!();
  assert.equal(await runs[4], 4);
});

Deno.test("ByteLimiter gives the bytes of a task back that fails", async () => {
  const limiter = new ByteLimiter(10);
  await assert.rejects(limiter.run(10, () => Promise.reject(new Error("it failed"))), /it failed/);
  assert.equal(await limiter.run(10, () => Promise.resolve(1)), 1);
});
