import assert from "node:assert/strict";
import type { CollectionStream } from "../../../src/model/layout.ts";
import { createLakeView, createOperator } from "../../../src/operate/operator.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

Deno.test("createOperator and createLakeView do and show what is asked for", async () => {
  const world = new LakeWorld();
  await world.instance().runToEnd();
  world.pass(10);
  const parts = operatorParts(world);
  const operator = createOperator(parts);
  const view = createLakeView(world.journal, parts.layouts, parts.sink);
  const [move] = await operator.move("shop.orders", { kind: "now" }, true);
  assert.deepEqual((await view.positions("shop.orders"))[0]!.position, move!.to);
  await assert.rejects(operator.adopt("shop.orders", undefined), /nothing is wrong/);
  assert.equal((await operator.divide(ORDERS as CollectionStream, 2)).of, 2);
  assert.deepEqual((await view.layouts())[0]!.epochs.map(({ of }) => of), [1, 2]);
  await assert.rejects(operator.retire(["shop.orders"]), /is under way/);
});
