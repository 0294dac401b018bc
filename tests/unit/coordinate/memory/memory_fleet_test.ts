import assert from "node:assert/strict";
import { createMemoryFleet } from "../../../../src/coordinate/memory/memory_fleet.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("createMemoryFleet is one instance's own, and counts the changes of all its parts", async () => {
  const clock = new VirtualClock();
  const fleet = createMemoryFleet(clock);
  assert.equal(fleet.isShared, false);
  const holder = { owner: "a", instance: "a", since: "t" };
  const generation = (await fleet.leases.take("s", holder, 1000))!;
  await fleet.leases.release("s", { ...holder, generation });
  await fleet.orders.pause("s");
  assert.equal(await fleet.changes(), "2");
  assert.deepEqual(await createMemoryFleet(clock).orders.paused(), new Set(), "another one");
});
