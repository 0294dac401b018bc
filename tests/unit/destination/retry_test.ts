import assert from "node:assert/strict";
import { withRetries } from "../../../src/destination/retry.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { Bell } from "../../../src/support/notify.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const OPTIONS = { retriesMax: 3, firstMs: 1000, maxMs: 3000 };

function failing(times: number): (attempt: number) => Promise<number> {
  return (attempt) =>
    attempt <= times
      ? Promise.reject(new TransientError("Cannot reach it"))
      : Promise.resolve(attempt);
}

Deno.test("withRetries answers the first success, after growing waits", async () => {
  const clock = new VirtualClock();
  const tools = { clock, random: new SeededRandom(1) };
  assert.equal(await clock.finish(withRetries(OPTIONS, tools, failing(3))), 4);
  // Half of 1, 2 and 3 seconds is certain, the other half random.
  assert.ok(clock.monotonicMs() >= 3000 && clock.monotonicMs() <= 6000);
});

Deno.test("withRetries throws the last error with the number of tries", async () => {
  const clock = new VirtualClock();
  const tools = { clock, random: new SeededRandom(1) };
  await assert.rejects(clock.finish(withRetries(OPTIONS, tools, failing(4))), {
    name: "TransientError",
    message: "Cannot reach it (4 tries)",
  });
  const once = withRetries({ ...OPTIONS, retriesMax: 0 }, tools, failing(1));
  await assert.rejects(once, { message: "Cannot reach it" });
});

Deno.test("withRetries does not repeat other errors", async () => {
  const tools = { clock: new VirtualClock(), random: new SeededRandom(1) };
  let tries = 0;
  const work = withRetries(OPTIONS, tools, () => {
    tries++;
    return Promise.reject(new PermanentError("no"));
  });
  await assert.rejects(work, PermanentError);
  assert.equal(tries, 1);
});

Deno.test("withRetries stops waiting when the signal is aborted", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const tools = { clock, random: new SeededRandom(1), signal: controller.signal };
  const work = withRetries(OPTIONS, tools, failing(4));
  await clock.settle();
  assert.equal(clock.timerCount, 1);
  controller.abort();
  await assert.rejects(work, { message: "Cannot reach it" });
  assert.equal(clock.timerCount, 0);
});

Deno.test("withRetries tries at once when the destination answers again, and waits as at first after that", async () => {
  const clock = new VirtualClock();
  const recovery = new Bell();
  const tools = { clock, random: new SeededRandom(1), recovery };
  const options = { retriesMax: 20, firstMs: 1000, maxMs: 60_000 };
  let tries = 0;
  const work = withRetries(options, tools, (attempt) => failing(11)(tries = attempt));
  await clock.until(() => tries === 9);
  recovery.ring();
  await clock.settle();
  assert.equal(tries, 10);
  await clock.advance(1000);
  assert.equal(tries, 11);
  assert.equal(await clock.finish(work), 12);
  assert.equal(clock.timerCount, 0);
});

Deno.test("withRetries tells of each failure whether it is repeated", async () => {
  const clock = new VirtualClock();
  const told: [string, boolean][] = [];
  const onFailure = (error: Error, again: boolean) => void told.push([error.message, again]);
  const tools = { clock, random: new SeededRandom(1), onFailure };
  await assert.rejects(clock.finish(withRetries({ ...OPTIONS, retriesMax: 1 }, tools, failing(2))));
  assert.deepEqual(told, [["Cannot reach it", true], ["Cannot reach it", false]]);
  told.length = 0;
  const refused = () => Promise.reject(new PermanentError("no"));
  await assert.rejects(withRetries(OPTIONS, tools, refused));
  await assert.rejects(withRetries(OPTIONS, tools, () => Promise.reject(new TypeError("fault"))));
  assert.deepEqual(told, [["no", false]]);
  const keys: unknown[] = [];
  const keyed = { ...tools, onFailure: (...failure: unknown[]) => void keys.push(failure[2]) };
  await assert.rejects(withRetries(OPTIONS, keyed, refused, "a/b"));
  assert.deepEqual(keys, ["a/b"]);
});
