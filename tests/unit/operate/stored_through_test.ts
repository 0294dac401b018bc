import assert from "node:assert/strict";
import type { BatchRecord } from "../../../src/model/record.ts";
import { storedThrough } from "../../../src/operate/stored_through.ts";
import { createObjectSink } from "../../../src/sink/object_sink.ts";
import { LakeWorld } from "../../support/lake_world.ts";

const KEY = "collection.shop.orders";

/** A journal whose last record is a batch, of which it does not say that it is stored. */
async function endingInBatch() {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  const records = await world.records();
  const batch = records.find((record): record is BatchRecord => record.kind === "batch")!;
  assert(batch.durableThrough < batch.seq);
  return { world, batch };
}

Deno.test("storedThrough goes beyond what the last record says, as far as the objects are there", async () => {
  const { world, batch } = await endingInBatch();
  const through = await storedThrough(
    world.journal,
    createObjectSink(world.destination),
    KEY,
    batch,
  );
  assert.equal(through, batch.seq);
});

Deno.test("storedThrough ends before an object that is not there, and at a record that is gone", async () => {
  const { world, batch } = await endingInBatch();
  const without = createObjectSink(new LakeWorld().destination);
  assert.equal(await storedThrough(world.journal, without, KEY, batch), batch.seq - 1);
  const later = { ...batch, seq: batch.seq + 9 };
  const records = { read: () => Promise.resolve(undefined) };
  assert.equal(
    await storedThrough(records, createObjectSink(world.destination), KEY, later),
    later.durableThrough,
  );
});
