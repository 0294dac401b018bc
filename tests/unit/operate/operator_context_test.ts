import assert from "node:assert/strict";
import { contextOf, operatorLease } from "../../../src/operate/operator_context.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

Deno.test("contextOf is the context of that stream", () => {
  const context = contextOf(operatorParts(new LakeWorld()), ORDERS);
  assert.deepEqual([context.stream, context.key], [ORDERS, "collection.shop.orders"]);
});

Deno.test("operatorLease counts on from the last record, and holds until the command ends", async () => {
  const world = new LakeWorld();
  await world.instance().runToEnd();
  const stop = new AbortController();
  const parts = operatorParts(world, { signal: stop.signal });
  const last = (await world.records()).at(-1)!;
  const lease = operatorLease(parts, last);
  assert.deepEqual([lease.owner, lease.generation], ["operator", last.generation + 1]);
  assert.equal(operatorLease(parts).generation, 1);
  assert(lease.isValid());
  stop.abort();
  assert(!lease.isValid());
});
