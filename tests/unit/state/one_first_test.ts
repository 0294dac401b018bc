import assert from "node:assert/strict";
import { oneFirst } from "../../../src/state/one_first.ts";

function calls() {
  const first = oneFirst();
  const running: PromiseWithResolvers<number>[] = [];
  const call = () => {
    const answer = Promise.withResolvers<number>();
    running.push(answer);
    return answer.promise;
  };
  return { first, running, run: () => first.run(call), settle: () => new Promise(setImmediate) };
}

Deno.test("oneFirst lets one call go alone, and all others together after it", async () => {
  const { running, run, settle } = calls();
  const results = [run(), run(), run()];
  await settle();
  assert.equal(running.length, 1);
  running[0]!.resolve(1);
  await settle();
  assert.equal(running.length, 3);
  for (const [i, answer] of running.entries()) answer.resolve(i + 1);
  assert.deepEqual(await Promise.all(results), [1, 2, 3]);
});

Deno.test("oneFirst lets the next go alone after one that failed", async () => {
  const { running, run, settle } = calls();
  const failed = assert.rejects(run(), /away/);
  const results = [run(), run()];
  running[0]!.reject(new Error("away"));
  await failed;
  await settle();
  assert.equal(running.length, 2);
  running[1]!.resolve(2);
  await settle();
  assert.equal(running.length, 3);
  running[2]!.resolve(3);
  assert.deepEqual(await Promise.all(results), [2, 3]);
});

Deno.test("oneFirst.again() lets the next go alone", async () => {
  const { first, running, run, settle } = calls();
  const one = run();
  running[0]!.resolve(1);
  await one;
  first.again();
  const results = [run(), run()];
  await settle();
  assert.equal(running.length, 2);
  running[1]!.resolve(2);
  await settle();
  running[2]!.resolve(3);
  assert.deepEqual(await Promise.all(results), [2, 3]);
});
