/** Records in a store of their own: what holds of a lake in one store holds of a lake in two. */
import assert from "node:assert/strict";
import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { objectInspector } from "../../src/encode/inspect_object.ts";
import { verifyLake } from "../../src/journal/verify/verify_lake.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { atCall, type OutsideCall } from "../support/outside.ts";

const CALLS_MAX = 200;

Deno.test("a lake in two stores has the files of a lake in one, the journal's in the one and objects in the other", async () => {
  const [one, two] = [new LakeWorld(7), apart(7)];
  for (const world of [one, two]) {
    world.insert(11);
    await world.instance().runToEnd();
  }
  const [lake, destination] = await Promise.all([filesIn(two.lake), filesIn(two.destination)]);
  assert.deepEqual(new Map([...lake, ...destination]), await filesIn(one.destination));
  assert([...lake.keys()].every((key) => key.startsWith("_tributary/")));
  assert(![...destination.keys()].some((key) => key.startsWith("_tributary/")));
  assert(destination.size > 1);
  await assertWhole(two);
});

for (const when of ["before", "after"] as const) {
  Deno.test(`a crash ${when} any call to either store loses nothing and doubles nothing`, async () => {
    let number = 1;
    for (let isHit = true; isHit; number++) {
      isHit = false;
      assert(number < CALLS_MAX);
      const world = apart(number);
      world.insert(9);
      const first = world.instance();
      const plan = atCall(number, { kind: "crash", when }, isStoreCall);
      first.outside.plan = (call) => {
        const met = plan(call);
        isHit ||= met !== undefined;
        return met;
      };
      void first.run();
      await world.clock.until(() => first.outside.isKilled || first.isStored());
      first.outside.kill();
      await readLake(world, { complete: false });
      await world.instance().runToEnd();
      await assertExactlyOnce(world);
      await assertWhole(world);
    }
    assert(number > 10, `only ${number} calls`);
  });
}

Deno.test("verify names the object that is missing in the one store, and the record that is in the other", async () => {
  const world = apart(3);
  world.insert(9);
  await world.instance().runToEnd();
  const [key] = await world.destination.list("db=", { limit: 1 });
  await world.lose((each) => each === key);
  const { streams } = await verify(world);
  assert.match(streams[0]!.holes.map(({ what }) => what).join(), /the object is missing/);
  const other = apart(4);
  for (const [stray, bytes] of await filesIn(world.destination)) {
    await other.destination.putIfAbsent(stray, bytes);
  }
  const { orphansFound, lost } = await verify(other);
  assert(orphansFound > 0);
  assert.match(lost[0]!.what, /the journal is missing/);
});

function apart(seed: number): LakeWorld {
  const world = new LakeWorld(seed);
  world.partJournal();
  return world;
}

function isStoreCall({ target }: OutsideCall): boolean {
  return target === "destination";
}

async function filesIn(store: MemoryDestination): Promise<Map<string, Uint8Array>> {
  const keys = await store.list("", { limit: 10_000 });
  return new Map(
    await Promise.all(keys.map(async (key) => [key, (await store.get(key))!] as const)),
  );
}

function verify({ lake, destination, journal, clock }: LakeWorld) {
  const inspect = objectInspector(destination);
  return verifyLake({ lake, destination, journal, clock, inspect, depth: "everything" }, {}, {});
}

async function assertWhole(world: LakeWorld): Promise<void> {
  const { streams, orphans, lost } = await verify(world);
  assert.deepEqual([streams.flatMap(({ holes }) => holes), orphans, lost], [[], [], []]);
}
