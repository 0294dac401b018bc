import assert from "node:assert/strict";
import { type Position, positionAt } from "../../../../src/model/position.ts";
import { type Stream, streamName } from "../../../../src/model/stream.ts";
import { OVERLAPS } from "../../../../src/pipeline/layout/is_retired.ts";
import { fixTargetStart } from "../../../../src/pipeline/layout/target_start.ts";
import { lakeWith } from "../../../support/closed_journals.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const ITEMS: Stream = { level: "collection", database: "shop", collection: "items" };
const SHOP: Stream = { level: "database", database: "shop" };
const ALL: Stream = { level: "deployment" };
const at = (t: number): Position => positionAt({ t, i: 1 });
const NOW = at(999);

Deno.test("fixTargetStart fixes what the settings say, once", async () => {
  const { journal } = new LakeWorld();
  assert.deepEqual(await start(journal, SHOP), NOW);
  assert.deepEqual(await fixTargetStart(journal, SHOP, () => Promise.resolve(at(5))), NOW);
});

Deno.test("fixTargetStart begins where retired streams of the same events have ended", async () => {
  const { journal } = await lakeWith([[ORDERS, 50], [ITEMS, 50]]);
  assert.deepEqual(await start(journal, SHOP), at(50));
  const narrower = await lakeWith([[SHOP, 70]]);
  assert.deepEqual(await start(narrower.journal, ORDERS), at(70));
});

Deno.test("fixTargetStart takes a wider stream's end for what is inside of it", async () => {
  const { journal } = await lakeWith([[ORDERS, 50], [ITEMS, 50], [SHOP, 80]]);
  assert.deepEqual(await start(journal, ALL), at(80));
});

Deno.test("fixTargetStart refuses where retired streams have ended at different places", async () => {
  const { journal } = await lakeWith([[ORDERS, 50], [ITEMS, 51]]);
  await assert.rejects(
    start(journal, SHOP),
    /items was retired at .*orders at .*`tributary layout retire collection:shop\.items collection:shop\.orders`.*position set/,
  );
  assert.equal(await journal.readStart("database.shop"), undefined);
  const wider = await lakeWith([[SHOP, 50], [ORDERS, 60]]);
  await assert.rejects(start(wider.journal, ALL), /so no start brings each event once/);
});

Deno.test("fixTargetStart looks at the last layout of a collection only, and not at its own", async () => {
  const partition = (epoch: number, index: number): Stream => ({
    ...ORDERS as Extract<Stream, { level: "collection" }>,
    partition: { epoch, index, of: 2 },
  });
  const closed: [Stream, number][] = [[ORDERS, 10], [partition(1, 1), 40], [partition(1, 2), 40]];
  const { journal } = await lakeWith(closed);
  assert.deepEqual(await start(journal, SHOP), at(40));
  assert.deepEqual(await start(journal, ORDERS), NOW);
});

Deno.test("fixTargetStart does not count streams that were closed because they overlap", async () => {
  const { journal } = await lakeWith([[ORDERS, 50]], `${OVERLAPS}something`);
  assert.deepEqual(await start(journal, SHOP), NOW);
});

Deno.test("fixTargetStart says what a target follows, before its start is fixed", async () => {
  const followed = async (journal: LakeWorld["journal"], stream: Stream) => {
    let names: string[] = [];
    await fixTargetStart(journal, stream, () => Promise.resolve(NOW), async (from, others) => {
      assert.deepEqual(from, others.length === 0 ? NOW : at(50));
      assert.equal(await journal.readStart("database.shop"), undefined);
      names = others.map(streamName);
    });
    return names;
  };
  assert.deepEqual(await followed(new LakeWorld().journal, SHOP), []);
  const { journal } = await lakeWith([[ORDERS, 50], [ITEMS, 50]]);
  assert.deepEqual(await followed(journal, SHOP), [
    "collection:shop.items",
    "collection:shop.orders",
  ]);
});

function start(journal: LakeWorld["journal"], stream: Stream): Promise<Position> {
  return fixTargetStart(journal, stream, () => Promise.resolve(NOW));
}
