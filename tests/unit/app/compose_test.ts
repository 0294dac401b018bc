import assert from "node:assert/strict";
import { TransientError } from "../../../src/model/errors.ts";
import { type Stream, streamKey } from "../../../src/model/stream.ts";
import { createMemoryNamespaces } from "../../support/memory_namespaces.ts";
import { type Composed, composed, type ComposedChoice } from "../../support/composed.ts";
import { readLake } from "../../support/lake_oracle.ts";
import { LakeWorld, OPTIONS, ORDERS, SETTINGS } from "../../support/lake_world.ts";

const KEY = streamKey(ORDERS);
const ITEMS: Stream = { level: "collection", database: "shop", collection: "items" };

/** Runs a pipeline while something happens, then stops it; what it read is stored. */
async function whileRunning(
  world: LakeWorld,
  choice: ComposedChoice,
  work: (running: Composed) => Promise<void>,
): Promise<Composed> {
  const one = composed(world, choice);
  const stop = new AbortController();
  await world.clock.finish(one.pipeline.look());
  const running = one.pipeline.run(stop.signal);
  await work(one);
  stop.abort(new Error("The test is over"));
  assert.equal(await world.clock.finish(running), "stopped");
  await one.pipeline.close();
  return one;
}

const has = ({ told }: Composed, what: string) => told.includes(what);

Deno.test("a composed pipeline streams what its settings name, and stores what it read when it stops", async () => {
  const world = new LakeWorld();
  world.insert(6);
  await whileRunning(world, {}, async (one) => {
    await world.clock.until(() => has(one, `${KEY} batch-durable`));
    assert.deepEqual([...one.pipeline.streams.keys()], [KEY]);
    assert.deepEqual([...one.pipeline.running.keys()], [KEY]);
    one.told.length = 0;
    world.insert(2);
    await world.clock.until(() => has(one, `${KEY} reply-read`));
  });
  assert.equal((await readLake(world)).stored.length, 8);
});

Deno.test("a stream that is told to pause stops, and goes on when it is told to", async () => {
  const world = new LakeWorld();
  await whileRunning(world, {}, async (one) => {
    await world.clock.until(() => has(one, `${KEY} source-opened`));
    const { orders } = one.fleet;
    await orders.pause(KEY);
    one.pipeline.pauses.changed();
    await world.clock.until(() => has(one, `${KEY} stream-stopped`));
    assert.deepEqual([...one.pipeline.pauses.names.keys()], [KEY]);
    one.told.length = 0;
    await orders.resume(KEY);
    one.pipeline.pauses.changed();
    await world.clock.until(() => has(one, `${KEY} source-opened`));
  });
});

Deno.test("what takes the place of the settings is followed: other collections, and other objects", async () => {
  const world = new LakeWorld();
  world.insert(1);
  await whileRunning(world, {}, async (one) => {
    await world.clock.until(() => has(one, `${KEY} batch-durable`));
    one.told.length = 0;
    one.pipeline.replace({
      collections: { named: [ORDERS, ITEMS] as never },
      settings: { ...SETTINGS, keyRule: { template: "", bucket: "none" } },
      options: OPTIONS,
    });
    await world.clock.until(() =>
      has(one, `${streamKey(ITEMS)} source-opened`) && has(one, `${KEY} settings-changed`)
    );
  });
});

Deno.test("collections that begin are streamed a moment later, though nobody looks", async () => {
  const world = new LakeWorld();
  const collections = { named: [], filter: { include: ["shop.*"], exclude: [] } };
  await whileRunning(world, { settings: { collections } }, async (one) => {
    await world.clock.advance(2000);
    const fromMs = world.clock.monotonicMs();
    world.insert(1, "items");
    await world.clock.until(() => has(one, `${streamKey(ITEMS)} source-opened`));
    assert.ok(world.clock.monotonicMs() - fromMs < one.settings.timing.lookMs / 2);
  });
});

Deno.test("what cannot be looked up the first time is thrown, and told later on", async () => {
  const world = new LakeWorld();
  let isAway = true;
  const namespaces = createMemoryNamespaces(world.oplog, world.clock);
  const away = () => Promise.reject(new TransientError("Cannot list: away"));
  const adapters = {
    namespaces: {
      ...namespaces,
      list: (...all: Parameters<typeof namespaces.list>) =>
        isAway ? away() : namespaces.list(...all),
    },
  };
  const collections = { named: [], filter: { include: ["shop.*"], exclude: [] } };
  const first = composed(world, { adapters, settings: { collections } });
  await assert.rejects(world.clock.finish(first.pipeline.look()), TransientError);
  isAway = false;
  await whileRunning(world, { adapters, settings: { collections } }, async (one) => {
    isAway = true;
    await world.clock.until(() => has(one, "look failed"));
  });
});
