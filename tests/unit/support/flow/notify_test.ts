import assert from "node:assert/strict";
import { Bell, Wake } from "../../../../src/support/flow/notify.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("Wake.wait resolves at a ring and takes its timer away", async () => {
  const clock = new VirtualClock();
  const wake = new Wake(clock);
  const waiting = wake.wait(1000);
  assert.equal(clock.timerCount, 1);
  wake.ring();
  await waiting;
  assert.equal(clock.timerCount, 0);
});

Deno.test("Wake.wait resolves when its time is up", async () => {
  const clock = new VirtualClock();
  const waiting = new Wake(clock).wait(1000);
  await clock.advance(1000);
  await waiting;
});

Deno.test("Wake.wait without an end sets no timer", async () => {
  const clock = new VirtualClock();
  const wake = new Wake(clock);
  const waiting = wake.wait(Infinity);
  assert.equal(clock.timerCount, 0);
  wake.ring();
  assert.equal(await waiting, true);
});

Deno.test("Wake keeps one ring for the next wait, however many there were", async () => {
  const clock = new VirtualClock();
  const wake = new Wake(clock);
  wake.ring();
  wake.ring();
  await wake.wait(1000);
  let again = false;
  const waiting = wake.wait(1000).then(() => again = true);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assert.equal(again, false);
  wake.ring();
  await waiting;
});

Deno.test("Wake.wait of no time at all does not wait", async () => {
  const clock = new VirtualClock();
  await new Wake(clock).wait(0);
  assert.equal(clock.timerCount, 0);
});

Deno.test("Wake.wait says whether there was a ring", async () => {
  const clock = new VirtualClock();
  const wake = new Wake(clock);
  wake.ring();
  assert.equal(await wake.wait(1000), true);
  const waiting = wake.wait(1000);
  await clock.advance(1000);
  assert.equal(await waiting, false);
});

Deno.test("Bell ends all waits that were begun before it rang, and tells its listeners each time", () => {
  const bell = new Bell();
  let heard = 0;
  bell.onRing(() => heard++);
  const before = bell.signal;
  assert.equal(bell.signal, before);
  bell.ring();
  assert.equal(before.aborted, true);
  assert.equal(bell.signal.aborted, false);
  bell.ring();
  assert.equal(heard, 2);
});

Deno.test("Wake.ringAt rings at the first of some signals, and not once it is disposed of", async () => {
  const clock = new VirtualClock();
  const wake = new Wake(clock);
  const [a, b] = [new AbortController(), new AbortController()];
  {
    using _ = wake.ringAt([a.signal, b.signal]);
    b.abort();
    assert.equal(await wake.wait(0), true);
  }
  a.abort();
  assert.equal(await wake.wait(0), false);
});
