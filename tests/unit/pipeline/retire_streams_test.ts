import assert from "node:assert/strict";
import { streamsOfLayout } from "../../../src/model/layout.ts";
import { positionAt, samePosition } from "../../../src/model/position.ts";
import { type Stream, targetKey } from "../../../src/model/stream.ts";
import { retireStreams } from "../../../src/pipeline/retire_streams.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const ITEMS: Stream = { level: "collection", database: "shop", collection: "items" };
const SHOP: Stream = { level: "database", database: "shop" };
const BOTH = ["shop.orders", "collection:shop.items"];

Deno.test("retireStreams runs all to one place, and a wider stream goes on exactly there", async () => {
  const world = await filledWorld();
  const { streams, isOnePlace } = await retire(world, BOTH);
  assert(isOnePlace);
  assert.deepEqual(streams.map(({ stream }) => stream), [ORDERS, ITEMS]);
  for (const stream of [ORDERS, ITEMS]) {
    const records = await world.records(stream);
    assert.equal(records.at(-1)!.kind, "closed");
    assert.equal(await rowsOf(world, stream), 7);
  }
  world.pass(5);
  world.insert(3);
  world.insert(3, "items");
  await world.instance({ stream: SHOP }).runToEnd();
  const [genesis] = await world.records(SHOP);
  assert(samePosition(genesis!.from, streams[0]!.at));
  assert.equal(await rowsOf(world, SHOP), 6);
});

Deno.test("retireStreams ends a database, and a run that finds its end does not go on", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await world.instance({ stream: SHOP }).runToEnd();
  await retire(world, ["database:shop"]);
  await assert.rejects(
    world.clock.finish(world.instance({ stream: SHOP }).run()),
    /its journal was closed/,
  );
  world.pass(5);
  world.insert(2);
  await world.instance({ stream: ORDERS }).runToEnd();
  assert.equal(await rowsOf(world, ORDERS), 2);
});

Deno.test("retireStreams ends streams that an instance runs", async () => {
  const world = await filledWorld();
  const one = world.instance();
  const supervised = one.supervise();
  await world.clock.until(() => supervised.condition === "running");
  await retire(world, ["shop.orders"]);
  await world.clock.until(() => supervised.condition !== "running");
  one.stop();
  await world.clock.finish(supervised.ended);
  assert.equal(await rowsOf(world, ORDERS), 7);
  assert.equal((await world.records()).filter(({ kind }) => kind === "closed").length, 1);
});

Deno.test("retireStreams completes what it has begun, at the place that was fixed", async () => {
  const world = await filledWorld();
  const { source } = operatorParts(world);
  const failing = { ...source, open: () => Promise.reject(new Error("broken")) };
  const stop = new AbortController();
  const parts = operatorParts(world, { source: failing, signal: stop.signal });
  const first = retireStreams(parts, BOTH);
  first.catch(() => {});
  await world.clock.until(() => world.clock.monotonicMs() > 5000);
  stop.abort(new Error("enough"));
  await assert.rejects(world.clock.finish(first), /enough/);
  world.pass(60);
  world.insert(2);
  const { isOnePlace } = await retire(world, BOTH);
  assert(isOnePlace);
  assert.equal(await rowsOf(world, ORDERS), 7);
});

Deno.test("retireStreams brings partitions to one place, though a command has died before them", async () => {
  const world = new LakeWorld();
  const all = await divided(world, ["orders", "items"]);
  const { layouts } = operatorParts(world);
  const puts = { put: 0 };
  const dying = (fails: boolean) => fails ? Promise.reject(new Error("died")) : undefined;
  // It dies with the last thing that it writes before somebody can see an end.
  const parts = operatorParts(world, {
    layouts: {
      ...layouts,
      put: async (target, layout) =>
        await dying(puts.put++ === 2) ?? await layouts.put(target, layout),
      putIntent: async (target, intent) =>
        await dying(puts.put === 2) ?? await layouts.putIntent(target, intent),
    },
  });
  const first = retireStreams(parts, BOTH);
  first.catch(() => {});
  await world.clock.settle();
  await assert.rejects(world.clock.finish(first), /died/);
  for (const [i, stream] of all.entries()) {
    world.pass(60);
    for (const collection of ["orders", "items"]) world.insert(3 + i, collection);
    const one = world.instance({ stream });
    await Promise.race([one.runToEnd(), world.clock.until(() => one.outcome !== undefined)]);
  }
  assert((await retire(world, BOTH)).isOnePlace);
});

Deno.test("retireStreams tells again where streams have ended", async () => {
  const world = await filledWorld();
  const first = await retire(world, BOTH);
  assert.deepEqual(await retire(world, BOTH), first);
});

Deno.test("retireStreams refuses what was never streamed or is closed", async () => {
  const world = await filledWorld();
  await assert.rejects(retire(world, ["shop.nothing"]), /it was never streamed here/);
  const last = (await world.records()).at(-1)!;
  await world.journal.append("collection.shop.orders", {
    ...last,
    kind: "closed",
    seq: last.seq + 1,
    id: "closed",
    from: last.to,
    reason: "overlaps another",
  });
  await assert.rejects(retire(world, ["shop.orders"]), /its journal is closed already/);
  await operatorParts(world).layouts.putIntent("collection.shop.items", { epoch: 1, of: 3 });
  await assert.rejects(retire(world, ["shop.items"]), /layout 1 with 3 streams is under way/);
});

/** A barrier lies behind everything of its moment: it is reached when time goes on. */
async function retire(world: LakeWorld, words: readonly string[]) {
  const retiring = retireStreams(operatorParts(world), words);
  retiring.catch(() => {}); // Awaited below.
  await world.clock.settle();
  world.pass(5);
  return await world.clock.finish(retiring);
}

/** Five orders and items in the lake, and two of each that nobody has read. */
async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  for (const count of [5, 2]) {
    world.insert(count);
    world.insert(count, "items");
    if (count !== 5) break;
    for (const stream of [ORDERS, ITEMS]) await world.instance({ stream }).runToEnd();
    world.pass(5);
  }
  return world;
}

/** Collections of two partitions each, which have nothing yet. */
async function divided(world: LakeWorld, collections: readonly string[]): Promise<Stream[]> {
  const { layouts } = operatorParts(world);
  const streams: Stream[] = [];
  for (const name of collections) {
    const stream = { level: "collection", database: "shop", collection: name } as const;
    const intent = { epoch: 1, of: 2 };
    const barrier = positionAt(world.oplog.operationTime);
    await layouts.putIntent(targetKey(stream), intent);
    streams.push(
      ...streamsOfLayout(stream, await layouts.put(targetKey(stream), { ...intent, barrier })),
    );
    world.insert(4, name);
  }
  for (const stream of streams) await world.instance({ stream }).runToEnd();
  return streams;
}

async function rowsOf(world: LakeWorld, stream: Stream): Promise<number> {
  return (await world.records(stream)).flatMap((record) =>
    record.kind === "batch" ? record.objects.map(({ rows }) => rows) : []
  ).reduce((sum, rows) => sum + rows, 0);
}
