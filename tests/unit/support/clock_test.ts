import assert from "node:assert/strict";
import { isoTime, sleep, systemClock, withTimeout } from "../../../src/support/clock.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("systemClock.after runs its action once, and not before its time", async () => {
  const start = systemClock.monotonicMs();
  let runs = 0;
  await new Promise<void>((resolve) =>
    systemClock.after(20, () => {
      runs++;
      resolve();
    })
  );
  assert.equal(runs, 1);
  // Timers of the platform may be early by a rounding.
  assert(systemClock.monotonicMs() - start >= 19);
});

Deno.test("systemClock.after runs nothing once it is cancelled, whenever that is", async () => {
  let ran = false;
  const timer = systemClock.after(1, () => ran = true);
  timer.cancel();
  timer.cancel();
  const late = await new Promise<{ cancel(): void }>((resolve) => {
    const done = systemClock.after(2, () => resolve(done));
  });
  late.cancel();
  assert.equal(ran, false);
});

Deno.test("systemClock.after does not fire at once where the delay is over 32 bits", async () => {
  let ran = false;
  const timers = [2 ** 31, 2 ** 40, Infinity].map((ms) => systemClock.after(ms, () => ran = true));
  await sleep(systemClock, 20);
  assert.equal(ran, false);
  for (const timer of timers) timer.cancel();
});

Deno.test("systemClock.after takes a delay that has passed for none", async () => {
  await sleep(systemClock, -5);
});

Deno.test("systemClock's wall clock is of our days and its monotonic clock goes on", () => {
  assert(systemClock.wallMs() > Date.UTC(2024, 0));
  const before = systemClock.monotonicMs();
  assert(systemClock.monotonicMs() >= before);
});

Deno.test("sleep resolves after its time and leaves nothing behind", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  let awake = false;
  const sleeping = sleep(clock, 100, controller.signal).then(() => awake = true);
  await clock.advance(99);
  await Promise.resolve();
  assert.equal(awake, false);
  await clock.advance(1);
  await sleeping;
  controller.abort(new Error("too late to matter"));
});

Deno.test("sleep rejects with the signal's reason and takes its timer away", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const reason = new Error("stop");
  const sleeping = sleep(clock, 100, controller.signal);
  assert.equal(clock.timerCount, 1);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
  assert.equal(clock.timerCount, 0);
});

Deno.test("sleep rejects at once where the signal is aborted already", async () => {
  const clock = new VirtualClock();
  const reason = new Error("stop");
  await assert.rejects(sleep(clock, 100, AbortSignal.abort(reason)), reason);
  assert.equal(clock.timerCount, 0);
});

Deno.test("withTimeout gives the promise's value or error, and takes its timer away", async () => {
  const clock = new VirtualClock();
  const unexpected = () => new Error("timed out");
  assert.equal(await withTimeout(clock, 10, Promise.resolve("value"), unexpected), "value");
  const failed = new Error("failed");
  await assert.rejects(withTimeout(clock, 10, Promise.reject(failed), unexpected), failed);
  assert.equal(clock.timerCount, 0);
});

Deno.test("withTimeout rejects with its own error when time is up, and hears the rest", async () => {
  const clock = new VirtualClock();
  const work = Promise.withResolvers<void>();
  const late = new Error("timed out");
  const waiting = assert.rejects(withTimeout(clock, 10, work.promise, () => late), late);
  await clock.advance(10);
  await waiting;
  // Nobody waits any more: this must not become an unhandled rejection.
  work.reject(new Error("failed after all"));
  await Promise.resolve();
});

Deno.test("isoTime writes UTC with milliseconds", () => {
  assert.equal(isoTime(1763690000125), "2025-11-21T01:53:20.125Z");
});
