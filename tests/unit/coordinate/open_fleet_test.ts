import assert from "node:assert/strict";
import { openFleet } from "../../../src/coordinate/open_fleet.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { memorySharedObjects } from "../../support/memory_shared_objects.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { fakeCaller } from "./fake_caller.ts";

Deno.test("openFleet opens nothing by itself, and says whether others can be there", () => {
  const clock = new VirtualClock();
  const redis = fakeCaller();
  const places = [
    { kind: "memory" } as const,
    { kind: "objects", objects: memorySharedObjects(), refreshMs: 10_000, areFree: false } as const,
    { kind: "redis", redis, prefix: "{tributary:orders}" } as const,
  ];
  const fleets = places.map((place) => openFleet(place, clock, systemRandom));
  assert.deepEqual(fleets.map(({ isShared }) => isShared), [false, true, true]);
  assert.deepEqual(redis.calls, []);
  assert.equal(clock.timerCount, 0);
});
