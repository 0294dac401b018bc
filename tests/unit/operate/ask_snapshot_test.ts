import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../src/journal/object_snapshots.ts";
import type { Stream } from "../../../src/model/stream.ts";
import { type AskParts, askSnapshot } from "../../../src/operate/ask_snapshot.ts";
import { crashAfterRecord } from "../../support/crash_between.ts";
import { LakeWorld, ORDERS, SETTINGS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const ID = "collection.shop.orders";
const FOUND = {
  ...{ database: "shop", collection: "orders", uuid: "0".repeat(32) },
  ...{ documents: 7, isCapped: false },
};

/** A lake whose stream of `orders` has begun, and a server that has that collection. */
async function scene(choice: Partial<AskParts> = {}) {
  const world = new LakeWorld();
  await crashAfterRecord(world.instance(), 0);
  const files = createObjectSnapshots(world.destination);
  const parts: AskParts = {
    ...operatorParts(world, { settings: { ...SETTINGS, fullDocument: "update-lookup" } }),
    ...{ files, clock: world.clock, ...choice },
    source: {
      describe: () =>
        Promise.resolve({
          ...{ identity: { setName: "rs0" }, operationTime: { t: 1, i: 1 }, version: "6.0.5" },
        }),
    } as never,
    documents: {
      survey: () => Promise.resolve([FOUND]),
      checkFilter: (_, where) => Promise.resolve(where),
      ...choice.documents,
    },
  };
  const ask = (word = "shop.orders", where?: string) => askSnapshot(parts, word, where);
  return { world, files, ask };
}

Deno.test("askSnapshot() puts an intent with the next number", async () => {
  const { files, ask } = await scene();
  assert.deepEqual(await ask(), {
    ...{ id: `${ID}.asked-1`, name: "collection:shop.orders", collections: 1, documents: 7 },
  });
  await files.putEnd({ v: 1, id: `${ID}.asked-1`, writtenAt: "now" });
  const { id } = await ask("shop.orders", `{"a":1}`);
  assert.equal(id, `${ID}.asked-2`);
  const { reason, stream, target, where } = (await files.readIntent(id))!;
  assert.deepEqual(
    { reason, stream, target, where },
    { reason: "asked", stream: ORDERS, target: undefined, where: `{"a":1}` },
  );
});

Deno.test("askSnapshot() makes one snapshot for two who ask at once, and tells the other", async () => {
  const { files, ask } = await scene();
  const outcomes = await Promise.allSettled([ask(), ask()]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await assert.rejects(
    ask(),
    /shop\.orders: one is under way \(collection\.shop\.orders\.asked-1\)/,
  );
  assert.equal((await files.find()).size, 1);
  // Of another collection, whose name only begins so, it may be.
  await assert.rejects(ask("shop.orders.old"), /no stream of this lake/);
});

Deno.test("askSnapshot() says of one that is being cancelled that it takes a while", async () => {
  const { files, ask } = await scene();
  const { id } = await ask();
  await files.putCancel({ v: 1, id, writtenAt: "now" });
  await assert.rejects(ask(), /one is cancelled and not closed yet \(.*asked-1\).*ask again/);
});

Deno.test("askSnapshot() finds the stream that brings the changes of a collection", async () => {
  const { world, files, ask } = await scene();
  const database: Stream = { level: "database", database: "crm" };
  await crashAfterRecord(world.instance({ stream: database }), 0);
  const { id } = await ask("crm.people");
  const { stream, target } = (await files.readIntent(id))!;
  assert.deepEqual(stream, database);
  assert.deepEqual(target, { level: "collection", database: "crm", collection: "people" });
});

Deno.test("askSnapshot() refuses what cannot be read, with the reason", async () => {
  const gone = await scene({ documents: { survey: () => Promise.resolve([]) } as never });
  await assert.rejects(gone.ask(), /there is no such collection/);
  const off = await scene({ settings: SETTINGS });
  await assert.rejects(off.ask(), /with FULL_DOCUMENT=off updates have no document/);
  await assert.rejects(off.ask("orders"), /of "orders": write a collection as shop\.orders/);
  assert.equal((await off.files.find()).size + (await gone.files.find()).size, 0);
});
