import assert from "node:assert/strict";
import { callWithin } from "../../../src/support/call_within.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const never = new AbortController().signal;

Deno.test("callWithin gives the call's outcome and leaves no timer", async () => {
  const clock = new VirtualClock();
  assert.equal(await callWithin(clock, 1000, never, () => Promise.resolve(7)), 7);
  await assert.rejects(
    callWithin(clock, 1000, never, () => Promise.reject(new Error("refused"))),
    /refused/,
  );
  assert.equal(clock.timerCount, 0);
});

Deno.test("callWithin gives up after its time and tells the call so", async () => {
  const clock = new VirtualClock();
  const seen: AbortSignal[] = [];
  const call = (signal: AbortSignal) => {
    seen.push(signal);
    return new Promise<never>(() => {});
  };
  await clock.finish(
    assert.rejects(callWithin(clock, 5000, never, call), /no answer within 5s/),
  );
  assert.equal(clock.monotonicMs(), 5000);
  assert.equal(seen[0]?.aborted, true);
});

Deno.test("callWithin ends at the stop, before and during the call", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const running = callWithin(clock, 5000, stop.signal, () => new Promise<never>(() => {}));
  stop.abort(new Error("enough"));
  await assert.rejects(running, /enough/);
  await assert.rejects(callWithin(clock, 5000, stop.signal, () => Promise.resolve(1)), /enough/);
});
