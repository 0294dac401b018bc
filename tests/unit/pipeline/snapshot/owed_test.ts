import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";
import type { SnapshotIntent } from "../../../../src/model/snapshot.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import { isOwed } from "../../../../src/pipeline/snapshot/owed.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

const SHOP: Stream = { level: "database", database: "shop" };
const ITEMS: Stream = { level: "collection", database: "shop", collection: "items" };
const INITIAL: SnapshotIntent = {
  ...{ v: 1, id: "database.shop.initial", reason: "initial", stream: SHOP, writtenAt: "now" },
};

async function scene(intent: SnapshotIntent = INITIAL) {
  const { destination, journal } = new LakeWorld();
  const files = createObjectSnapshots(destination);
  await files.putIntent(intent);
  return { files, owed: (stream: Stream) => isOwed(files, journal, stream, [SHOP]) };
}

Deno.test("a narrower stream reads what a snapshot of the wider one has not read to its end", async () => {
  const { files, owed } = await scene();
  assert.equal(await owed(ORDERS), true);
  await files.putEnd({ v: 1, id: INITIAL.id, writtenAt: "now" });
  assert.equal(await owed(ORDERS), false);
});

Deno.test("a narrower stream does not read what nobody wants any more, or what is none of its", async () => {
  const cancelled = await scene();
  await cancelled.files.putCancel({ v: 1, id: INITIAL.id, writtenAt: "now" });
  assert.equal(await cancelled.owed(ORDERS), false);
  const asked: SnapshotIntent = {
    ...INITIAL,
    ...{ id: "collection.shop.items.asked-1", reason: "asked" },
  };
  const part = await scene({ ...asked, target: ITEMS });
  assert.equal(await part.owed(ORDERS), false);
  assert.equal(await part.owed(ITEMS), true);
  assert.equal(await (await scene({ ...asked, where: "{}" })).owed(ITEMS), false);
});

Deno.test("what was announced for a loss that never came is owed to nobody", async () => {
  const lost = { stream: "database.shop", seq: 7 };
  const { owed } = await scene({ ...INITIAL, id: "database.shop.gap-7", lost });
  assert.equal(await owed(ORDERS), false);
});
