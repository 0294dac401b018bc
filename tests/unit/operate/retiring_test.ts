import assert from "node:assert/strict";
import type { CollectionStream } from "../../../src/model/layout.ts";
import { targetKey } from "../../../src/model/stream.ts";
import { findRetiring } from "../../../src/operate/retiring.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const COLLECTION = ORDERS as CollectionStream;
const TARGET = targetKey(ORDERS);

Deno.test("findRetiring finds the streams of the last layout, also those that have not begun", async () => {
  const world = await filled();
  const parts = operatorParts(world);
  const whole = await findRetiring(parts, "shop.orders");
  assert.deepEqual([whole.streams, whole.intent], [[ORDERS], { epoch: 1, of: 0 }]);
  await parts.layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  await assert.rejects(
    findRetiring(parts, "shop.orders"),
    /layout 1 with 2 streams is under way; .*needs an instance that runs it/,
  );
  await world.instance().runToEnd();
  const barrier = (await world.records()).at(-1)!.to;
  await parts.layouts.put(TARGET, { epoch: 1, of: 2, barrier });
  world.pass(5);
  await world.clock.finish(world.instance().run());
  const divided = await findRetiring(parts, "shop.orders");
  const streams = [1, 2].map((index) => ({ ...COLLECTION, partition: { epoch: 1, index, of: 2 } }));
  assert.deepEqual([divided.streams, divided.intent], [streams, { epoch: 2, of: 0 }]);
});

Deno.test("findRetiring finds again what was retired", async () => {
  const world = await filled();
  const parts = operatorParts(world);
  const barrier = (await world.records()).at(-1)!.to;
  await parts.layouts.put(TARGET, { epoch: 1, of: 0, barrier });
  const again = await findRetiring(parts, "shop.orders");
  assert.deepEqual([again.streams, again.intent], [[ORDERS], { epoch: 1, of: 0 }]);
});

Deno.test("findRetiring names the way out of a journal without its first record", async () => {
  const world = await filled();
  await world.lose((key) => key.endsWith("0000000000000000.json"));
  await assert.rejects(
    findRetiring(operatorParts(world), "shop.orders"),
    /`tributary position adopt shop\.orders`/,
  );
});

async function filled(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  return world;
}
