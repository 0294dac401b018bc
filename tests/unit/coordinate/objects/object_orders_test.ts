import assert from "node:assert/strict";
import { FLUSH_MS } from "../../../../src/coordinate/orders.ts";
import { ObjectWorld } from "../../../support/object_world.ts";

const STREAM = "collection.shop.orders";

Deno.test("an order to flush that nobody takes is forgotten, by the clock of who looks", async () => {
  const world = new ObjectWorld();
  const { fleet: { orders } } = world.join();
  await world.do(orders.flush(STREAM));
  assert.deepEqual(await world.do(orders.takeFlushes(["collection.shop.items"])), []);
  await world.clock.advance(FLUSH_MS);
  assert.deepEqual(await world.do(orders.takeFlushes([STREAM])), []);
});

Deno.test("an order to flush is carried out where the answer to taking it was lost", async () => {
  const world = new ObjectWorld();
  const { fleet: { orders }, objects } = world.join();
  await world.do(orders.flush(STREAM));
  let lost = 0;
  objects.fate = (call) => call.startsWith("replace") && lost++ === 0 ? "lost" : undefined;
  assert.deepEqual(await world.do(orders.takeFlushes([STREAM])), [STREAM]);
  assert.deepEqual(await world.do(orders.takeFlushes([STREAM])), []);
});

Deno.test("looking for orders is one read, and writes nothing where there are none", async () => {
  const world = new ObjectWorld();
  const { fleet: { orders }, objects } = world.join(true);
  await world.do(orders.paused());
  assert.deepEqual(await world.do(orders.notes()), new Set());
  assert.deepEqual(await world.do(orders.takeFlushes([STREAM])), []);
  assert.deepEqual(objects.asked(), ["get division"]);
});
