import assert from "node:assert/strict";
import { SharedTimer } from "../../../../src/support/flow/shared_timer.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

function scene(earlyMs?: number) {
  const clock = new VirtualClock();
  const rung: string[] = [];
  const note = (due: readonly string[]) =>
    void rung.push(`${clock.monotonicMs() - startMs} ${due}`);
  const timer = new SharedTimer<string>(clock, note, earlyMs);
  const startMs = clock.monotonicMs();
  return { clock, rung, timer };
}

Deno.test("SharedTimer rings for each at its time, with one timer for all", async () => {
  const { clock, rung, timer } = scene();
  timer.set("b", 200);
  timer.set("a", 100);
  timer.set("c", 200);
  assert.equal(clock.timerCount, 1);
  await clock.advance(150);
  assert.deepEqual(rung, ["100 a"]);
  timer.set("a", 10);
  await clock.advance(1000);
  assert.deepEqual(rung, ["100 a", "160 a", "200 b,c"]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("SharedTimer rings once at the time that was set last, and not for what was taken out", async () => {
  const { clock, rung, timer } = scene();
  timer.set("later", 100);
  timer.set("later", 300);
  timer.set("gone", 200);
  timer.delete("gone");
  await clock.advance(1000);
  assert.deepEqual(rung, ["300 later"]);
  timer.set("gone", 200);
  timer.delete("gone");
  assert.equal(clock.timerCount, 0);
});

Deno.test("SharedTimer takes along what is due soon, so that all are due together", async () => {
  const { clock, rung, timer } = scene(50);
  for (const [i, item] of ["a", "b", "c"].entries()) timer.set(item, 100 + 40 * i);
  await clock.advance(1000);
  assert.deepEqual(rung, ["100 a,b", "180 c"]);
});
