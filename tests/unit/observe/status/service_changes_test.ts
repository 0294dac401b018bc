import assert from "node:assert/strict";
import { ServiceChanges } from "../../../../src/observe/status/service_changes.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const WELL = { state: "healthy" } as const;
const AWAY = { state: "unhealthy" } as const;

Deno.test("ServiceChanges takes for news that a service goes away or comes back, and nothing else", async () => {
  const clock = new VirtualClock();
  const changes = new ServiceChanges(clock);
  assert.equal(changes.isNews("mongodb", WELL), false);
  assert.equal(changes.isNews("mongodb", AWAY), true);
  await clock.advance(1000);
  assert.equal(changes.isNews("mongodb", AWAY), false);
  assert.equal(changes.isNews("mongodb", WELL), true);
  await clock.advance(1000);
  // Away from the beginning.
  assert.equal(changes.isNews("redis", AWAY), true);
});

Deno.test("ServiceChanges has little news of what flaps", async () => {
  const clock = new VirtualClock();
  const changes = new ServiceChanges(clock);
  let news = 0;
  for (let i = 0; i < 200; i++) {
    if (changes.isNews("destination", i % 2 === 0 ? AWAY : WELL)) news++;
    await clock.advance(10);
  }
  assert.equal(news, 2);
});
