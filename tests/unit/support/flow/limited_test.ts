import assert from "node:assert/strict";
import { Limiter, mapLimited } from "../../../../src/support/flow/limited.ts";

Deno.test("Limiter.run runs as many tasks as it may, the others in their order", async () => {
  const limiter = new Limiter(2);
  const started: number[] = [];
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const runs = gates.map((gate, index) =>
    limiter.run(async () => {
      started.push(index);
      await gate.promise;
      return index;
    })
  );
  assert.deepEqual(started, [0, 1]);
  gates[1]!.resolve();
  await runs[1];
  await turns();
  assert.deepEqual(started, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  assert.deepEqual(await Promise.all(runs), [0, 1, 2, 3]);
});

Deno.test("Limiter.run gives the place of a task that failed to the next", async () => {
  const limiter = new Limiter(1);
  const failed = new Error("failed");
  const first = limiter.run(() => Promise.reject(failed));
  const second = limiter.run(() => Promise.resolve("ran"));
  await assert.rejects(first, failed);
  assert.equal(await second, "ran");
  assert.equal(await limiter.run(() => Promise.resolve("and on")), "and on");
});

Deno.test("Limiter.run lets a task that waits leave the line, and nobody loses a place by it", async () => {
  const limiter = new Limiter(1);
  const gate = Promise.withResolvers<void>();
  const stop = new AbortController();
  const first = limiter.run(() => gate.promise);
  const ran: string[] = [];
  const second = limiter.run(() => Promise.resolve(void ran.push("second")), stop.signal);
  const third = limiter.run(() => Promise.resolve(void ran.push("third")));
  const reason = new Error("stopped");
  stop.abort(reason);
  await assert.rejects(second, reason);
  await assert.rejects(limiter.run(() => Promise.resolve(), stop.signal), reason);
  gate.resolve();
  await Promise.all([first, third]);
  await limiter.run(() => Promise.resolve(void ran.push("and on")));
  assert.deepEqual(ran, ["third", "and on"]);
});

Deno.test("mapLimited gives the results in the items' order, so many at once", async () => {
  let running = 0;
  let runningMost = 0;
  const results = await mapLimited([5, 3, 1, 4, 2], 2, async (item, index) => {
    runningMost = Math.max(runningMost, ++running);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return `${index}:${item}`;
  });
  assert.deepEqual(results, ["0:5", "1:3", "2:1", "3:4", "4:2"]);
  assert.equal(runningMost, 2);
  assert.deepEqual(await mapLimited([], 2, () => Promise.resolve()), []);
});

Deno.test("mapLimited starts nothing after a failure and waits for what runs", async () => {
  const failed = new Error("failed");
  const gate = Promise.withResolvers<void>();
  const started: number[] = [];
  let ended = false;
  const mapping = mapLimited([0, 1, 2, 3], 2, async (item) => {
    started.push(item);
    if (item === 0) throw failed;
    await gate.promise;
    ended = true;
  });
  const rejected = assert.rejects(mapping, failed);
  await turns();
  assert.equal(ended, false);
  gate.resolve();
  await rejected;
  assert.deepEqual(started, [0, 1]);
  assert.equal(ended, true);
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
