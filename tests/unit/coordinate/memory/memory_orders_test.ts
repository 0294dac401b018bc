import assert from "node:assert/strict";
import { ChangeCounter } from "../../../../src/coordinate/memory/change_counter.ts";
import { createMemoryOrders } from "../../../../src/coordinate/memory/memory_orders.ts";

Deno.test("createMemoryOrders counts each order as a change, and looks as none", async () => {
  const changes = new ChangeCounter();
  const orders = createMemoryOrders(changes);
  await orders.pause("a");
  await orders.flush("a");
  await orders.resume("a");
  await orders.paused();
  await orders.takeFlushes(["a"]);
  assert.equal(changes.count, 3);
});
