import assert from "node:assert/strict";
import { shareRuns } from "../../../../src/support/flow/coalesce_calls.ts";

/** Runs that the test ends. */
function controlled() {
  const runs: PromiseWithResolvers<number>[] = [];
  const shared = shareRuns(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  return { runs, shared };
}

const turns = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

Deno.test("shareRuns begins a run for the first call, and another one for all that come while it is under way", async () => {
  const { runs, shared } = controlled();
  const first = shared();
  await turns();
  assert.equal(runs.length, 1);
  const later = [shared(), shared(), shared()];
  await turns();
  assert.equal(runs.length, 1, "one at a time");
  runs[0]!.resolve(1);
  assert.equal(await first, 1);
  await turns();
  assert.equal(runs.length, 2);
  const last = shared();
  runs[1]!.resolve(2);
  assert.deepEqual(await Promise.all(later), [2, 2, 2]);
  await turns();
  runs[2]!.resolve(3);
  assert.equal(await last, 3, "a run that had begun is not joined");
});

Deno.test("shareRuns lets calls of one turn share a run", async () => {
  const { runs, shared } = controlled();
  const both = [shared(), shared()];
  await turns();
  assert.equal(runs.length, 1);
  runs[0]!.resolve(7);
  assert.deepEqual(await Promise.all(both), [7, 7]);
});

Deno.test("shareRuns gives a failure to those who waited for that run, and goes on", async () => {
  const { runs, shared } = controlled();
  const first = shared();
  await turns();
  const second = shared();
  runs[0]!.reject(new Error("503"));
  await assert.rejects(first, /503/);
  await turns();
  runs[1]!.resolve(2);
  assert.equal(await second, 2);
});

Deno.test("shareRuns survives work that throws before it promises anything", async () => {
  let calls = 0;
  const shared = shareRuns(() => {
    if (++calls === 1) throw new Error("at once");
    return Promise.resolve(calls);
  });
  await assert.rejects(shared(), /at once/);
  assert.equal(await shared(), 2);
});
