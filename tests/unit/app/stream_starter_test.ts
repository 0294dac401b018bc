import assert from "node:assert/strict";
import { streamKey } from "../../../src/model/stream.ts";
import { composed } from "../../support/composed.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";

const KEY = streamKey(ORDERS);

Deno.test("streamStarter runs a stream under the lease it is given, by its name, until the stop", async () => {
  const world = new LakeWorld();
  const leased: string[] = [];
  const names = new Set<string>();
  const { pipeline } = composed(world, {
    observer: {
      leased: (key, { generation }) => void leased.push(`${key} ${generation}`),
      stream: ({ name }) => void names.add(name),
    },
  });
  await world.clock.finish(pipeline.look());
  const stop = new AbortController();
  const running = pipeline.run(stop.signal);
  await world.clock.until(() => pipeline.running.get(KEY)?.supervised.condition === "running");
  assert.deepEqual(leased, [`${KEY} 1`]);
  assert.deepEqual([...names], ["collection:shop.orders"]);
  stop.abort(new Error("The test is over"));
  await world.clock.finish(running);
  assert.equal(pipeline.running.size, 0);
});

Deno.test("streamStarter looks again when a stream has ended for good", async () => {
  const world = new LakeWorld();
  const { pipeline } = composed(world, { settings: { partitions: 1 } });
  await world.clock.finish(pipeline.look());
  const stop = new AbortController();
  const running = pipeline.run(stop.signal);
  await world.clock.until(() => pipeline.running.get(KEY)?.supervised.condition === "running");
  await pipeline.parts.layouts.putIntent(KEY, { epoch: 1, of: 2 });
  const halves = [`${KEY}.e1.1of2`, `${KEY}.e1.2of2`];
  const areRunning = () => halves.every((key) => pipeline.running.has(key));
  // An idle stream comes to its end as the server's time moves on.
  for (let rounds = 0; rounds < 20 && !areRunning(); rounds++) {
    world.pass(30);
    await world.clock.advance(30_000);
  }
  assert.ok(areRunning());
  stop.abort(new Error("The test is over"));
  await world.clock.finish(running);
});
