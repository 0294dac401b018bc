/** What people do to streams while copies run them, in all orders: whatever state that leaves, a verb leads out of it. */
import assert from "node:assert/strict";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { FencedError, PermanentError } from "../../src/model/errors.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import { comparePositions, positionAt } from "../../src/model/position.ts";
import { type Stream, streamKey, targetKey } from "../../src/model/stream.ts";
import { changeLayout } from "../../src/operate/change_layout.ts";
import { streamsToRun } from "../../src/pipeline/layout/layout_streams.ts";
import { movePosition } from "../../src/operate/move_position.ts";
import type { OperatorParts } from "../../src/operate/operator_context.ts";
import { retireStreams } from "../../src/operate/retire_streams.ts";
import { expectedTokens, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../support/lake_world.ts";
import { operatorParts } from "../support/operator_parts.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const SEEDS = Number(Deno.env.get("PROTOCOL_SEEDS") ?? 12);
const SHOP: Stream = { level: "database", database: "shop" };
const COLLECTIONS = ["a", "b", "c", "d", "e", "f"];
const NOW = { kind: "now" } as const;

Deno.test("collections that are retired at different places are brought to one, and their database goes on there", async () => {
  const world = new LakeWorld();
  const names = ["a", "b", "c"];
  for (const each of names) {
    fill(world, names);
    await runToEnd(world, names.map(collection));
    await finish(world, retireStreams(operatorParts(world), [`shop.${each}`]));
  }
  fill(world, names);
  await assert.rejects(
    world.clock.finish(world.instance({ stream: SHOP }).run()),
    /layout retire collection:shop\.a collection:shop\.b collection:shop\.c`/,
  );
  const words = names.map((each) => `shop.${each}`);
  const { isOnePlace } = await finish(world, retireStreams(operatorParts(world), words));
  assert(isOnePlace);
  fill(world, names);
  await world.instance({ stream: SHOP }).runToEnd();
  await assertOnce(world);
  // There is nothing more to do, and the database has them.
  assert((await finish(world, retireStreams(operatorParts(world), words))).isOnePlace);
});

Deno.test("collections at work are retired to one place, however slow everything is", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    await retireAtWork(seed).catch((cause) => {
      throw new Error(`Failed with seed ${seed}`, { cause });
    });
  }
});

Deno.test("a stream is moved to its barrier and no further, and its partitions go on from there", async () => {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  world.pass(5);
  world.insert(3);
  const parts = operatorParts(world);
  await changeLayout(parts, ORDERS as CollectionStream, 2);
  world.pass(60);
  world.insert(4);
  const [move] = await movePosition(parts, "shop.orders", NOW, true);
  assert.equal(move!.isEnd, true);
  assert.deepEqual(move!.to, (await parts.layouts.read(targetKey(ORDERS), 1))!.barrier);
  await assert.rejects(
    movePosition(parts, "shop.orders", NOW, true),
    /it has come to its end at .* divided anew; move the streams that follow it/,
  );
  await settle(world);
  await assertOnce(world);
});

Deno.test("a stream that was moved beyond its barrier ends where it stands", async () => {
  for (const parts of [0, 3]) {
    const world = new LakeWorld();
    world.insert(5);
    await world.instance().runToEnd();
    const layouts = createObjectLayouts(world.destination);
    const barrier = positionAt({ t: world.oplog.operationTime.t + 1, i: 1 });
    world.pass(60);
    world.insert(3);
    await movePosition(operatorParts(world), "shop.orders", NOW, true);
    // As an older version left it.
    await layouts.put(targetKey(ORDERS), { epoch: 1, of: parts, barrier });
    await layouts.putIntent(targetKey(ORDERS), { epoch: 1, of: parts });
    world.pass(5);
    world.insert(4);
    if (parts === 0) {
      const retiring = retireStreams(operatorParts(world), ["shop.orders"]);
      assert((await finish(world, retiring)).isOnePlace);
      await world.instance({ stream: SHOP }).runToEnd();
    } else {
      await settle(world);
    }
    // The partitions bring what the gap has left out, for they begin at the barrier.
    await assertOnce(world, parts === 0);
  }
});

async function retireAtWork(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const world = new LakeWorld(seed);
  fill(world, COLLECTIONS);
  const latencyMs = () => random.chance(0.6) ? 0 : random.below(600);
  const copies = COLLECTIONS.map((each) => world.instance({ stream: collection(each), latencyMs }));
  const supervised = copies.map((copy) => copy.supervise());
  await world.clock.until(() => supervised.every(({ condition }) => condition === "running"));
  const operator = world.instance({ latencyMs });
  const parts: OperatorParts = {
    ...operatorParts(world),
    layouts: operator.context.layouts,
    journal: operator.context.journal,
  };
  let isDone = false;
  const words = COLLECTIONS.map((each) => `shop.${each}`);
  // Some are retired by themselves, or with others, and the command is given again.
  let retiring = random.chance(0.5)
    ? retireStreams(parts, words.slice(0, 1 + random.below(3)))
    : Promise.resolve({ isOnePlace: true, streams: [], unread: [] });
  retiring = retiring.then(() => retireStreams(parts, words));
  retiring.then(() => isDone = true, () => isDone = true);
  for (let second = 0; second < 120 && !isDone; second++) {
    fill(world, COLLECTIONS, random);
    world.pass(1);
    if (random.chance(0.1)) random.pick(copies).outside.freeze();
    await world.clock.advance(1000);
    for (const copy of copies) if (random.chance(0.3)) copy.outside.thaw();
  }
  const { isOnePlace } = await world.clock.finish(retiring);
  assert(isOnePlace, "they ended at one place");
  for (const copy of copies) copy.outside.thaw();
  for (const copy of copies) copy.stop();
  await world.clock.finish(Promise.all(supervised.map(({ ended }) => ended)));
  fill(world, COLLECTIONS);
  await world.instance({ stream: SHOP }).runToEnd();
  await assertOnce(world);
}

function collection(name: string): CollectionStream {
  return { level: "collection", database: "shop", collection: name };
}

function fill(world: LakeWorld, names: readonly string[], random = new SeededRandom(1)): void {
  for (const each of names) world.insert(random.below(4), each);
}

async function runToEnd(world: LakeWorld, streams: readonly CollectionStream[]): Promise<void> {
  const layouts = createObjectLayouts(world.destination);
  for (const each of streams) {
    for (const stream of await streamsToRun(world.journal, layouts, each)) {
      if ((await world.journal.last(streamKey(stream)))?.kind === "closed") continue;
      await world.instance({ stream }).runToEnd();
    }
  }
  world.pass(2);
}

/** A command that waits for the server's time to go on. */
async function finish<T>(world: LakeWorld, command: Promise<T>): Promise<T> {
  let isDone = false;
  command.then(() => isDone = true, () => isDone = true);
  for (let second = 0; second < 60 && !isDone; second++) {
    await world.clock.advance(500);
    world.pass(1);
  }
  return await world.clock.finish(command);
}

/** What may run of the orders runs until everything is stored. */
async function settle(world: LakeWorld): Promise<void> {
  const layouts = createObjectLayouts(world.destination);
  const running = new Map<string, Instance>();
  for (let second = 0; second < 60; second++) {
    world.pass(1);
    for (const stream of await streamsToRun(world.journal, layouts, ORDERS as CollectionStream)) {
      const key = streamKey(stream);
      if (running.has(key)) continue;
      const instance = world.instance({ stream });
      running.set(key, instance);
      instance.run().catch((error: unknown) => {
        assert(error instanceof FencedError || error instanceof PermanentError, String(error));
        running.delete(key);
      });
    }
    await world.clock.advance(1000);
  }
  for (const instance of running.values()) instance.stop();
  await world.clock.advance(10_000);
}

/** All events of the database are in the lake once, but for those that only a gap covers. */
async function assertOnce(world: LakeWorld, mayMiss = true): Promise<void> {
  const stored: string[] = [];
  const gaps: { readonly from: string; readonly to: string }[] = [];
  for (const key of await world.journal.streams()) {
    const genesis = await world.journal.read(key, 0);
    assert(genesis?.kind === "genesis");
    const lake = await readLake(world, { stream: genesis.stream });
    stored.push(...lake.stored);
    for (const record of lake.records) {
      if (record.kind !== "gap") continue;
      assert(comparePositions(record.from, record.to) < 0);
      gaps.push({ from: record.from.data, to: record.to.data });
    }
  }
  assert.equal(new Set(stored).size, stored.length, "an event is there twice");
  const from = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
  const missing = expectedTokens(world.oplog.entries, SHOP, from)
    .filter((data) => !stored.includes(data))
    .filter((data) => !mayMiss || !gaps.some((gap) => data > gap.from && data <= gap.to));
  assert.deepEqual(missing, [], "events are missing");
}
