import assert from "node:assert/strict";
import { createObjectLayouts } from "../../../../src/journal/object_layouts.ts";
import type { CollectionStream } from "../../../../src/model/layout.ts";
import { positionAt } from "../../../../src/model/position.ts";
import { streamKey, targetKey } from "../../../../src/model/stream.ts";
import {
  fixFirstLayout,
  readLayouts,
  streamsToRun,
} from "../../../../src/pipeline/layout/layout_streams.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const COLLECTION = ORDERS as CollectionStream;
const TARGET = targetKey(COLLECTION);
const START = positionAt({ t: 1_763_690_000, i: 1 });

function emptyLake() {
  const world = new LakeWorld();
  const layouts = createObjectLayouts(world.destination);
  const keys = async () => {
    return (await streamsToRun(world.journal, layouts, COLLECTION)).map(streamKey);
  };
  const fix = (of: number, isNew?: () => Promise<void>) =>
    fixFirstLayout(world.journal, layouts, COLLECTION, of, () => Promise.resolve(START), isNew);
  return { world, layouts, keys, fix };
}

Deno.test("streamsToRun() runs an undivided collection as one stream", async () => {
  const { keys, fix } = emptyLake();
  assert.equal(await fix(1), undefined);
  assert.deepEqual(await keys(), ["collection.shop.orders"]);
});

Deno.test("fixFirstLayout() divides a collection that was never streamed, from its start", async () => {
  const { world, layouts, keys, fix } = emptyLake();
  assert.deepEqual(await fix(2), { epoch: 1, of: 2, barrier: START });
  assert.deepEqual(await world.journal.readStart(TARGET), START);
  assert.deepEqual(await keys(), [
    "collection.shop.orders.e1.1of2",
    "collection.shop.orders.e1.2of2",
  ]);
  assert.deepEqual(await fix(5), { epoch: 1, of: 2, barrier: START }, "a setting changes nothing");
  assert.equal((await readLayouts(layouts, TARGET)).length, 1);
});

Deno.test("fixFirstLayout() tells that a collection is new before it has a start, and never again", async () => {
  const { world, fix } = emptyLake();
  const told: unknown[] = [];
  const isNew = async () => void told.push(await world.journal.readStart(TARGET));
  await fix(2, isNew);
  await fix(2, isNew);
  assert.deepEqual(told, [undefined]);
});

Deno.test("fixFirstLayout() leaves a collection alone that is streamed undivided", async () => {
  const { world, keys, fix } = emptyLake();
  world.insert(1);
  await world.instance().runToEnd();
  assert.equal(await fix(4), undefined);
  assert.deepEqual(await keys(), ["collection.shop.orders"]);
});

Deno.test("streamsToRun() lets the next epoch begin when all streams before are closed", async () => {
  const { world, layouts, keys, fix } = emptyLake();
  await fix(2);
  await layouts.put(TARGET, { epoch: 2, of: 1, barrier: START });
  const before = ["collection.shop.orders.e1.1of2", "collection.shop.orders.e1.2of2"];
  assert.deepEqual(await keys(), before);
  await close(world, before[0]!);
  assert.deepEqual(await keys(), [before[1]]);
  await close(world, before[1]!);
  assert.deepEqual(await keys(), ["collection.shop.orders.e2.1of1"]);
  await close(world, "collection.shop.orders.e2.1of1");
  const last = ["collection.shop.orders.e2.1of1"];
  assert.deepEqual(await keys(), last, "a retired stream is shown, and says why it does not run");
});

/** A journal of a heartbeat's worth that is closed. */
async function close(world: LakeWorld, key: string): Promise<void> {
  const other = new LakeWorld();
  await other.instance().runToEnd();
  const [genesis] = await other.records();
  await world.journal.append(key, genesis!);
  assert.ok(genesis?.kind === "genesis");
  const { stream: _, lake: __, source: ___, settings: ____, ...base } = genesis;
  await world.journal.append(key, {
    ...base,
    kind: "closed",
    seq: 1,
    from: base.to,
    id: `closed ${key}`,
    reason: "test",
  });
}
