/** Two writers of one stream that no lock keeps apart: the journal alone decides. */
import assert from "node:assert/strict";
import { FencedError } from "../../src/model/errors.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const SEEDS = 40;

Deno.test("two writers without any lock store each event exactly once, however they interleave", async () => {
  let races = 0;
  let shared = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { fenced, owners } = await race(seed).catch((cause) => {
      throw new Error(`Failed with seed ${seed}`, { cause });
    });
    races += fenced;
    if (owners > 1) shared++;
  }
  // Else the writers did not meet, and nothing was shown.
  assert(races > SEEDS, `only ${races} races`);
  assert(shared > SEEDS / 2, `only ${shared} journals with two owners`);
});

Deno.test("a writer that finds a stranger's record drops what it has not appended and goes on at the last to", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const running = one.run();
  world.insert(4);
  await world.clock.until(() => one.eventsOf("batch-durable").length === 1);
  // Another writer is quicker with the events that come now.
  one.outside.freeze();
  world.insert(6);
  await world.instance().runToEnd();
  one.outside.thaw();
  await assert.rejects(world.clock.finish(running), FencedError);
  await assertExactlyOnce(world);
  world.insert(3);
  await one.runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.equal(new Set(records.map((r) => r.owner)).size, 2);
});

/** Both run for a minute of virtual time while events come; calls are slow at random. */
async function race(seed: number): Promise<{ fenced: number; owners: number }> {
  const random = new SeededRandom(seed);
  const world = new LakeWorld(seed);
  const latencyMs = () => random.chance(0.7) ? 0 : random.below(400);
  const writers = [world.instance({ latencyMs }), world.instance({ latencyMs })];
  const supervised = writers.map((writer) => writer.supervise());
  for (let round = 0; round < 20; round++) {
    world.insert(random.below(9));
    if (random.chance(0.2)) world.pass(1800);
    const writer = random.pick(writers);
    if (random.chance(0.3)) writer.outside.freeze();
    await world.clock.advance(random.below(6000));
    writer.outside.thaw();
    await readLake(world, { complete: false });
  }
  await world.clock.until(() => writers.some((writer) => writer.isCaughtUp()));
  for (const writer of writers) writer.stop();
  await world.clock.finish(Promise.all(supervised.map(({ ended }) => ended)));
  await world.instance().runToEnd();
  const { records } = await assertExactlyOnce(world);
  for (const { context } of writers) assert.equal(context.budget.usedBytes, 0);
  const fenced = writers.flatMap((w) => w.eventsOf("fenced")).length;
  return { fenced, owners: new Set(records.map((r) => r.owner)).size };
}
