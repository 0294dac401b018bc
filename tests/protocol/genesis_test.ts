/** How a journal begins, and when it must not. */
import assert from "node:assert/strict";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { FencedError, PermanentError } from "../../src/model/errors.ts";
import { positionAt } from "../../src/model/position.ts";
import { type Stream, streamKey } from "../../src/model/stream.ts";
import type { Source } from "../../src/pipeline/ports.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { createMemoryState } from "../../src/state/memory_state.ts";
import { assertExactlyOnce } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../support/lake_world.ts";
import { atCall, type OutsideCall } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";

Deno.test("the genesis is written before the first event, so a death before the first batch loses nothing", async () => {
  const world = new LakeWorld();
  world.insert(5);
  world.pass(1);
  const first = world.instance({ options: { startFrom: { kind: "now" } } });
  void first.run();
  await world.clock.until(() => first.eventsOf("source-opened").length > 0);
  world.insert(3);
  await world.clock.until(() => first.eventsOf("reply-read").length > 0);
  first.outside.kill();
  world.insert(2);
  const second = world.instance({ options: { startFrom: { kind: "now" } } });
  await second.runToEnd();
  const { stored } = await assertExactlyOnce(world);
  assert.equal(stored.length, 5);
});

Deno.test("nothing is written for a stream whose keys the destination may not hold", async () => {
  const world = new LakeWorld();
  world.insert(1);
  Object.assign(world.destination, {
    keyFault: (key: string) => key.startsWith("db=") ? "is too long" : undefined,
  });
  await assert.rejects(world.instance().runToEnd(), /Cannot stream collection:shop.orders/);
  assert.deepEqual(await world.destination.list("", { limit: 10 }), []);
});

Deno.test("settings that make keys too long are refused before a record has them", async () => {
  const world = new LakeWorld();
  world.insert(1);
  await world.instance().runToEnd();
  Object.assign(world.destination, {
    keyFault: (key: string) => key.startsWith("long/") ? "is too long" : undefined,
  });
  world.insert(1);
  const keyRule = { template: "long/", bucket: "none" } as const;
  const other = world.instance({ settings: { keyRule } });
  await assert.rejects(other.runToEnd(), /Cannot stream collection:shop.orders.*KEY_TEMPLATE/);
  assert.ok((await world.records()).every(({ kind }) => kind !== "settings"));
  await world.instance().runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("all streams of a target begin where the first of them did", async () => {
  const world = new LakeWorld();
  world.insert(5);
  const start = positionAt({ t: OPLOG_SECONDS_FIRST, i: 4 });
  await world.journal.putStart(streamKey(ORDERS), start);
  await world.instance().runToEnd();
  const { stored, records } = await assertExactlyOnce(world);
  assert.deepEqual(records[0]!.from, start);
  assert.equal(stored.length, 3);
});

Deno.test("START_FROM is ignored where there is a journal, and that is said", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  world.insert(3);
  for (const startFrom of [{ kind: "now" }, { kind: "earliest" }] as const) {
    const one = world.instance({ options: { startFrom } });
    await one.runToEnd();
    await assertExactlyOnce(world);
    const said = one.eventsOf("start-ignored").map((event) => event.startFrom);
    assert.deepEqual(said, startFrom.kind === "now" ? [] : ["earliest"]);
  }
});

Deno.test("a journal that is lost is not begun anew while its objects are there", async () => {
  const world = await worldWithout((key) => key.startsWith("_tributary/"));
  world.state = createMemoryState();
  await assertRefused(world.instance(), /objects of it are there, such as "db=shop\/coll=orders/);
});

Deno.test("a journal that is lost is not begun anew while its state is there", async () => {
  const world = await worldWithout(() => true);
  await assertRefused(world.instance(), /the state store knows this stream/);
});

Deno.test("a journal that has lost its first record is not begun anew", async () => {
  const world = await worldWithout((key) => key.endsWith("/0000000000000000.json"));
  world.state = createMemoryState();
  await assertRefused(world.instance(), /its first record is gone and others are there/);
});

Deno.test("a journal is not gone on with from another server", async () => {
  const world = new LakeWorld();
  await world.instance({ source: sourceOf(world, { replicaSetId: "a", setName: "rs" }) })
    .runToEnd();
  const other = sourceOf(world, { replicaSetId: "b", setName: "rs" });
  await assertRefused(world.instance({ source: other }), /written from replicaSetId a.* is b/);
  // What one of the two does not say cannot differ.
  await world.instance({ source: sourceOf(world, { setName: "rs" }) }).runToEnd();
});

Deno.test("a stream whose events another journal holds is refused", async () => {
  const pairs: [Stream, Stream][] = [
    [ORDERS, { level: "database", database: "shop" }],
    [{ level: "deployment" }, ORDERS],
    [{ level: "database", database: "shop" }, { level: "deployment" }],
  ];
  for (const [first, second] of pairs) {
    const world = new LakeWorld();
    await world.instance({ stream: first }).runToEnd();
    await assertRefused(world.instance({ stream: second }), /writes the same events/);
    assert.equal(await world.journal.exists(streamKey(second)), false);
  }
});

Deno.test("of two streams that overlap and begin at once, exactly one goes on", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new SeededRandom(seed);
    const world = new LakeWorld(seed);
    const latencyMs = () => random.chance(0.5) ? 0 : random.below(300);
    const streams: Stream[] = [ORDERS, { level: "database", database: "shop" }];
    const both = streams.map((stream) => world.instance({ stream, latencyMs }));
    for (const each of both) void each.supervise();
    world.insert(5);
    // One of them dies somewhere on its way, and is started again.
    const victim = random.below(2);
    if (random.chance(0.5)) {
      await world.clock.advance(random.below(3000));
      both[victim]!.outside.kill();
      both[victim] = world.instance({ stream: streams[victim]! });
      void both[victim].supervise();
    }
    await world.clock.advance(120_000);
    const ends = await Promise.all(streams.map((stream) => world.records(stream)));
    const open = ends.filter((records) => records.at(-1)?.kind !== "closed" && records.length > 0);
    for (const each of both) each.outside.kill();
    assert.equal(open.length, 1, `seed ${seed}: ${open.length} journals are open`);
  }
});

Deno.test("a writer that is overtaken while it begins a journal does not take it for lost", async () => {
  const world = new LakeWorld();
  world.insert(5);
  const slow = world.instance();
  const begun = Promise.withResolvers<void>();
  const isFirstListing = ({ method }: OutsideCall) => method === "list";
  slow.outside.plan = atCall(
    1,
    { kind: "held", when: "before", until: begun.promise },
    isFirstListing,
  );
  const running = slow.run();
  await world.clock.settle();
  await world.instance().runToEnd();
  begun.resolve();
  await assert.rejects(
    world.clock.finish(running),
    (error) => error instanceof FencedError && /another writer has begun it/.test(error.message),
  );
  await slow.runToEnd();
  await assertExactlyOnce(world);
});

async function assertRefused(one: Instance, why: RegExp): Promise<void> {
  await assert.rejects(
    one.world.clock.finish(one.run()),
    (error) => error instanceof PermanentError && why.test(error.message),
  );
}

/** A world in which a stream was run, and some keys of its lake are gone. */
async function worldWithout(isGone: (key: string) => boolean): Promise<LakeWorld> {
  const before = new LakeWorld();
  before.insert(10);
  await before.instance().runToEnd();
  const world = new LakeWorld();
  world.state = before.state;
  const kept: MemoryDestination = world.destination;
  for (const key of await before.destination.list("", { limit: 1000 })) {
    if (!isGone(key)) await kept.putIfAbsent(key, (await before.destination.get(key))!);
  }
  assert.equal(await createObjectJournal(kept).read(streamKey(ORDERS), 0), undefined);
  return world;
}

function sourceOf(world: LakeWorld, identity: object): Source {
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  return {
    describe: async (signal) => ({ ...await inner.describe(signal), identity }),
    open: (request, signal) => inner.open(request, signal),
  };
}
