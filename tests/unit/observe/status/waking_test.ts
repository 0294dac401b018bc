import assert from "node:assert/strict";
import { Waking } from "../../../../src/observe/status/waking.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("Waking tells for a moment that this process has slept, by either clock", async () => {
  const clock = new VirtualClock();
  const waking = new Waking(clock);
  await clock.advance(4999);
  assert.equal(waking.isWaking(), false);
  await clock.advance(5000);
  assert.equal(waking.isWaking(), true);
  await clock.advance(2999);
  assert.equal(waking.isWaking(), true);
  await clock.advance(1);
  assert.equal(waking.isWaking(), false);
  clock.stepWall(5000);
  assert.equal(waking.isWaking(), true);
});
