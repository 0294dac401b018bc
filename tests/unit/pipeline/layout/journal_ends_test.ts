import assert from "node:assert/strict";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { type Stream, streamKey } from "../../../../src/model/stream.ts";
import {
  findJournals,
  findOverlappingJournals,
  readEnds,
} from "../../../../src/pipeline/layout/journal_ends.ts";
import type { Journal } from "../../../../src/pipeline/ports.ts";
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

Deno.test("findOverlappingJournals reads the journals of other targets with the same events, and no others", async () => {
  const shop = (collection: string): Stream => ({
    level: "collection",
    database: "shop",
    collection,
  });
  const long = "x".repeat(200);
  const part: Stream = { ...shop("orders"), partition: { epoch: 1, index: 1, of: 2 } } as Stream;
  const database: Stream = { level: "database", database: "shop" };
  const streams = [shop("orders"), part, shop("items"), shop("orders2"), shop("a.b"), shop(long)];
  const all: Stream[] = [...streams, database, { level: "deployment" }];
  const world = new LakeWorld();
  const [genesis] = await recordsOf(world);
  const read: string[] = [];
  const journal: Journal = {
    ...world.journal,
    streams: () => Promise.resolve(all.map(streamKey)),
    read: (key) => {
      read.push(key);
      const stream = all.find((each) => streamKey(each) === key)!;
      return Promise.resolve({ ...genesis!, stream } as JournalRecord);
    },
    last: () => Promise.resolve(undefined),
  };
  const found = async (stream: Stream) =>
    (await findOverlappingJournals(journal, stream)).map(({ key }) => key);
  assert.deepEqual(await found(part), ["database.shop", "deployment"]);
  // Of a name that was shortened only the journal tells.
  assert.deepEqual(read, [streamKey(shop(long)), "database.shop", "deployment"]);
  const collections = streams.map(streamKey);
  assert.deepEqual(await found(database), [...collections, "deployment"]);
});

async function recordsOf(world: LakeWorld): Promise<JournalRecord[]> {
  world.insert(1);
  await world.instance().runToEnd();
  return [...await world.records(ORDERS)];
}

async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(3);
  for (const stream of [ORDERS, ITEMS]) await world.instance({ stream }).runToEnd();
  return world;
}
