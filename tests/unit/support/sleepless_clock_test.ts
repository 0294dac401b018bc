import assert from "node:assert/strict";
import { sleeplessClock } from "../../../src/support/sleepless_clock.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("sleeplessClock counts what the wall clock is ahead, never what it is behind or runs unlike", async () => {
  const world = new VirtualClock();
  const clock = sleeplessClock(world);
  const startMs = clock.monotonicMs();
  const sinceMs = () => clock.monotonicMs() - startMs;
  await world.advance(500);
  assert.equal(sinceMs(), 500);
  world.stepWall(60_000);
  assert.equal(sinceMs(), 60_500);
  world.stepWall(-30_000);
  assert.equal(sinceMs(), 60_500);
  world.stepWall(900);
  await world.advance(100);
  assert.equal(sinceMs(), 60_600);
});
