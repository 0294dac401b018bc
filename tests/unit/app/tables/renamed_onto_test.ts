import assert from "node:assert/strict";
import { renamesOnto } from "../../../../src/app/tables/renamed_onto.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { createObjectSnapshots } from "../../../../src/journal/object_snapshots.ts";

const ORDERS = { database: "shop", collection: "orders" };

Deno.test("of each collection the last rename onto it is told, and whether what it brought is read", async () => {
  const lake = new MemoryDestination();
  const snapshots = createObjectSnapshots(lake);
  assert.equal((await renamesOnto(lake))(ORDERS), undefined);
  const announce = async (t: number, i: number) => {
    const id = `collection.shop.orders.onto-${t}-${i}`;
    const stream = { level: "collection", ...ORDERS } as const;
    const onto = { ...ORDERS, at: { t, i } };
    const writtenAt = "2026-11-20T17:00:00.000Z";
    await snapshots.putIntent({ v: 1, id, reason: "renamed", stream, onto, writtenAt });
    return { v: 1, id, writtenAt } as const;
  };
  const end = await announce(1_795_194_061, 9);
  assert.deepEqual((await renamesOnto(lake))(ORDERS), {
    ...{ at: "2026-11-20T17:01:01.000Z", token: "826B007CCD00000009", isRead: false },
  });
  await snapshots.putEnd(end);
  assert.equal((await renamesOnto(lake))(ORDERS)?.isRead, true);
  await announce(1_795_194_061, 10);
  assert.equal((await renamesOnto(lake))(ORDERS)?.token, "826B007CCD0000000A");
  assert.equal((await renamesOnto(lake))(ORDERS)?.isRead, false);
  assert.equal((await renamesOnto(lake))({ ...ORDERS, collection: "items" }), undefined);
});
