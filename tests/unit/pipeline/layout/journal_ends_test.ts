import assert from "node:assert/strict";
import type { Stream } from "../../../../src/model/stream.ts";
import { findJournals, readEnds } from "../../../../src/pipeline/layout/journal_ends.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const ITEMS: Stream = { level: "collection", database: "shop", collection: "items" };

Deno.test("findJournals finds where each journal begins and ends, or those of one name", async () => {
  const world = await filledWorld();
  const { journals, lost } = await findJournals(world.journal);
  assert.deepEqual(journals.map(({ stream }) => stream), [ITEMS, ORDERS]);
  assert.deepEqual(lost, []);
  const records = await world.records(ORDERS);
  assert.deepEqual(journals[1]!.genesis, records[0]);
  assert.deepEqual(journals[1]!.last, records.at(-1));
  const one = await findJournals(world.journal, "shop.items");
  assert.deepEqual(one.journals.map(({ stream }) => stream), [ITEMS]);
});

Deno.test("findJournals names journals whose first record is gone", async () => {
  const world = await filledWorld();
  const journal = {
    ...world.journal,
    read: (key: string, seq: number) =>
      key.endsWith("items") && seq === 0
        ? Promise.resolve(undefined)
        : world.journal.read(key, seq),
  };
  const { journals, lost } = await findJournals(journal);
  assert.deepEqual(journals.map(({ stream }) => stream), [ORDERS]);
  assert.deepEqual(lost, ["collection.shop.items"]);
  assert.equal(await readEnds(journal, "collection.shop.items"), undefined);
});

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(3);
  for (const stream of [ORDERS, ITEMS]) await world.instance({ stream }).runToEnd();
  return world;
}
