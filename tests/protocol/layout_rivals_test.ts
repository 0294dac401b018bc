/** Two fleets that no lock keeps apart, one of them often asleep, while the layout of their collection changes. */
import assert from "node:assert/strict";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { FencedError, PermanentError } from "../../src/model/errors.ts";
import { type CollectionStream, epochOf, streamsOfLayout } from "../../src/model/layout.ts";
import { positionAt } from "../../src/model/position.ts";
import { streamKey, targetKey } from "../../src/model/stream.ts";
import { completeLayout } from "../../src/pipeline/layout/barrier.ts";
import {
  fixFirstLayout,
  readLayouts,
  streamsToRun,
} from "../../src/pipeline/layout/layout_streams.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { expectedTokens, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../support/lake_world.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const SEEDS = Number(Deno.env.get("PROTOCOL_SEEDS") ?? 12);
const ROUNDS = 25;
const COLLECTION = ORDERS as CollectionStream;
const TARGET = targetKey(COLLECTION);

Deno.test("rival fleets store each event once while the layout changes under them", async () => {
  let epochs = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    epochs += await runRivals(seed).catch((cause) => {
      throw new Error(`Failed with seed ${seed}`, { cause });
    });
  }
  // Else no layout took effect, and nothing was shown.
  assert(epochs > SEEDS, `only ${epochs} layouts took effect`);
});

Deno.test("instances that disagree on the partitions at the first start store each event once", async () => {
  let divided = 0;
  for (let seed = 1; seed <= 3 * SEEDS; seed++) {
    divided += await runDisagreement(seed).catch((cause) => {
      throw new Error(`Failed with seed ${seed}`, { cause });
    });
  }
  assert(divided > 0 && divided < 3 * SEEDS, `${divided} of ${3 * SEEDS} became partitions`);
});

for (const step of ["read", "putIntent", "putStart", "put"] as const) {
  Deno.test(`a first layout takes effect although the collection is streamed whole before ${step}`, async () => {
    const world = new LakeWorld();
    world.insert(5);
    const layouts = createObjectLayouts(world.destination);
    const { journal } = world;
    let isWhole = false;
    const streamWhole = async () => {
      if (isWhole) return;
      isWhole = true;
      const whole = world.instance();
      const running = whole.run();
      await world.clock.until(() => whole.outcome !== undefined || whole.isCaughtUp());
      whole.stop();
      await world.clock.finish(running);
    };
    const before = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (name === step) await streamWhole();
        return await call(...args);
      };
    };
    await fixFirstLayout(
      { ...journal, putStart: before("putStart", journal.putStart) },
      {
        ...layouts,
        read: before("read", layouts.read),
        putIntent: before("putIntent", layouts.putIntent),
        put: before("put", layouts.put),
      },
      COLLECTION,
      3,
      () => Promise.resolve(positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 })),
    );
    assert(isWhole);
    world.insert(5);
    await finish(world, new SeededRandom(1));
    await assertOnceOverAll(world);
    const streams = await streamsToRun(journal, layouts, COLLECTION);
    // What was streamed before anybody wanted it divided stays whole.
    assert.equal(streams.length, step === "read" ? 1 : 3);
  });
}

Deno.test("a barrier before what a stream has stored keeps the next layout waiting instead of doubling it", async () => {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  const layouts = createObjectLayouts(world.destination);
  await layouts.putIntent(TARGET, { epoch: 1, of: 2 });
  const barrier = positionAt(world.oplog.entries[2]!.time);
  await layouts.put(TARGET, { epoch: 1, of: 2, barrier });
  const { clock } = world;
  await assert.rejects(clock.finish(world.instance().run()), PermanentError);
  for (const stream of streamsOfLayout(COLLECTION, { epoch: 1, of: 2 })) {
    await assert.rejects(clock.finish(world.instance({ stream }).run()), FencedError);
  }
  await assertOnceOverAll(world);
});

/** One instance wants the collection whole, the other in three; answers how many layouts there are then. */
async function runDisagreement(seed: number): Promise<number> {
  const random = new SeededRandom(seed);
  const world = new LakeWorld(seed);
  const latencyMs = () => random.chance(0.5) ? 0 : random.below(300);
  world.insert(10);
  const whole = world.instance({ latencyMs });
  void whole.run().catch(() => {});
  await world.clock.advance(random.below(1500));
  const { journal, layouts } = world.instance({ latencyMs }).context;
  const start = () => Promise.resolve(positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 }));
  const fixing = fixFirstLayout(journal, layouts, COLLECTION, 3, start);
  const fleet = new Map<string, Instance>();
  for (let round = 0; round < 8; round++) {
    world.insert(5);
    world.pass(1);
    const isDivided =
      (await readLayouts(createObjectLayouts(world.destination), TARGET)).length > 0;
    if (isDivided) await startWhatMayRun(world, fleet, random);
    await world.clock.advance(random.below(1000));
  }
  await world.clock.finish(fixing);
  for (const instance of [whole, ...fleet.values()]) instance.outside.kill();
  await world.clock.advance(1000);
  await finish(world, random);
  await assertOnceOverAll(world);
  const epochLast = (await readLayouts(createObjectLayouts(world.destination), TARGET)).length;
  const running = await streamsToRun(
    world.journal,
    createObjectLayouts(world.destination),
    COLLECTION,
  );
  assert(running.every((stream) => epochOf(stream) === epochLast), "the layout is in force");
  return epochLast;
}

async function runRivals(seed: number): Promise<number> {
  const random = new SeededRandom(seed);
  const world = new LakeWorld(seed);
  const layouts = createObjectLayouts(world.destination);
  const fleets = [new Map<string, Instance>(), new Map<string, Instance>()];
  for (let round = 0; round < ROUNDS; round++) {
    for (const fleet of fleets) await startWhatMayRun(world, fleet, random);
    if (random.chance(0.25)) await changeLayout(world, random);
    world.insert(random.below(8));
    world.pass(1);
    const instances = fleets.flatMap((fleet) => [...fleet.values()]);
    const asleep = instances.filter(() => random.chance(0.2));
    for (const instance of asleep) instance.outside.freeze();
    if (random.chance(0.1)) random.pick(instances).outside.kill();
    await world.clock.advance(random.below(5000));
    for (const instance of asleep) if (random.chance(0.7)) instance.outside.thaw();
  }
  for (const fleet of fleets) for (const instance of fleet.values()) instance.outside.kill();
  await world.clock.advance(1000);
  await finish(world, random);
  await assertOnceOverAll(world);
  return (await readLayouts(layouts, TARGET)).length;
}

async function startWhatMayRun(
  world: LakeWorld,
  fleet: Map<string, Instance>,
  random: SeededRandom,
): Promise<void> {
  for (const [key, instance] of fleet) {
    if (instance.outside.isKilled || instance.outcome !== undefined) fleet.delete(key);
  }
  const layouts = createObjectLayouts(world.destination);
  for (const stream of await streamsToRun(world.journal, layouts, COLLECTION)) {
    const key = streamKey(stream);
    if (fleet.has(key)) continue;
    const latencyMs = () => random.chance(0.7) ? 0 : random.below(300);
    const instance = world.instance({ stream, latencyMs });
    fleet.set(key, instance);
    instance.run().catch(() => fleet.delete(key));
  }
}

/** An operator divides the collection anew, and may die after any step. */
async function changeLayout(world: LakeWorld, random: SeededRandom): Promise<void> {
  const layouts = createObjectLayouts(world.destination);
  const before = (await readLayouts(layouts, TARGET)).at(-1) ?? { epoch: 0, of: 1 };
  const epoch = before.epoch + 1;
  const intent = await layouts.putIntent(TARGET, { epoch, of: 1 + random.below(4) });
  if (random.chance(0.5)) return;
  const source = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const parts = { journal: world.journal, layouts, source };
  const streams = streamsOfLayout(COLLECTION, before);
  await completeLayout(parts, streams, intent, new AbortController().signal);
}

/** One fleet alone goes on until the last layout is in force and everything is stored. */
async function finish(world: LakeWorld, random: SeededRandom): Promise<void> {
  const layouts = createObjectLayouts(world.destination);
  const fleet = new Map<string, Instance>();
  for (let second = 0; second < 300; second++) {
    await startWhatMayRun(world, fleet, random);
    world.pass(1);
    await world.clock.advance(1000);
    const epochLast = (await readLayouts(layouts, TARGET)).length;
    const isLast = [...fleet.values()].every(({ context: { stream } }) =>
      stream.level === "collection" && epochOf(stream) === epochLast
    );
    if (
      (isLast || second > 60) && fleet.size > 0 &&
      [...fleet.values()].every((one) => one.isCaughtUp())
    ) break;
  }
  for (const instance of fleet.values()) instance.stop();
  await world.clock.advance(10_000);
}

async function assertOnceOverAll(world: LakeWorld): Promise<void> {
  const stored: string[] = [];
  for (const key of await world.journal.streams()) {
    const genesis = await world.journal.read(key, 0);
    if (genesis?.kind !== "genesis") throw new Error(`${key} has no genesis`);
    stored.push(...(await readLake(world, { stream: genesis.stream })).stored);
  }
  const from = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
  assert.equal(new Set(stored).size, stored.length, "an event is there twice");
  assert.deepEqual(stored.sort(), expectedTokens(world.oplog.entries, COLLECTION, from).sort());
}
