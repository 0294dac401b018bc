import assert from "node:assert/strict";
import {
  freeTiming,
  SparingPoll,
  sparingTiming,
} from "../../../../src/coordinate/objects/object_polling.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("it is asked often while something changes, and rarely while nothing does", async () => {
  const clock = new VirtualClock();
  const poll = new SparingPoll(10_000, clock);
  assert.deepEqual([poll.changesMs, poll.handOverMs, poll.leaseMs, poll.viewMs], [
    1000,
    1000,
    5000,
    15_000,
  ]);
  poll.see("1");
  await clock.advance(30_000);
  poll.see("1");
  assert.equal(poll.changesMs, 5000);
  poll.see("2");
  assert.equal(poll.changesMs, 1000);
});

Deno.test("with whatever refresh an owner may have it asks several times in a third of a TTL", async () => {
  const clock = new VirtualClock();
  for (const refreshMs of [100, 1000, 10_000, 1_800_000]) {
    const poll = new SparingPoll(refreshMs, clock);
    await clock.advance(refreshMs * 10);
    // A refresh is less than half of the TTL.
    assert(poll.changesMs < refreshMs * 2 / 3, String(refreshMs));
    const { lookMs, beatMs, listMs } = sparingTiming(refreshMs);
    assert(lookMs < beatMs && beatMs < listMs && listMs < refreshMs);
  }
  assert(freeTiming(10_000).listMs < 100);
});
