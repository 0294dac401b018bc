import assert from "node:assert/strict";
import { createObjectSnapshots } from "../../../src/journal/object_snapshots.ts";
import { initialId } from "../../../src/model/snapshot.ts";
import { type Stream, targetKey } from "../../../src/model/stream.ts";
import { findRetiring } from "../../../src/operate/retiring.ts";
import { refuseUnread, unreadSnapshots } from "../../../src/operate/unread_snapshots.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const SHOP: Stream = { level: "database", database: "shop" };
const CARTS: Stream = { level: "collection", database: "shop", collection: "carts" };

async function scene(...due: readonly Stream[]) {
  const world = new LakeWorld();
  await world.instance({ stream: SHOP }).runToEnd();
  const snapshotFiles = createObjectSnapshots(world.destination);
  for (const stream of due) {
    await snapshotFiles.putIntent({
      ...{ v: 1, id: initialId(stream), reason: "initial", stream, writtenAt: "now" },
    });
  }
  return { parts: operatorParts(world, { snapshotFiles }), files: snapshotFiles };
}

Deno.test("unreadSnapshots() finds those of a target and those that it has taken over", async () => {
  const { parts, files } = await scene(SHOP, ORDERS, { level: "database", database: "crm" });
  assert.deepEqual(await unreadSnapshots(parts, [SHOP]), [
    { id: "collection.shop.orders.initial", state: "due" },
    { id: "database.shop.initial", state: "due" },
  ]);
  await files.putCancel({ v: 1, id: initialId(SHOP), writtenAt: "now" });
  await files.putEnd({ v: 1, id: initialId(ORDERS), writtenAt: "now" });
  assert.deepEqual(await unreadSnapshots(parts, [SHOP]), [
    { id: "database.shop.initial", state: "cancelling" },
  ]);
  assert.deepEqual(await unreadSnapshots(operatorParts(new LakeWorld()), [SHOP]), []);
});

Deno.test("unreadSnapshots() of many targets asks for each snapshot once", async () => {
  const { parts, files } = await scene(ORDERS, CARTS);
  const asked: string[] = [];
  const readIntent = (id: string) => (asked.push(id), files.readIntent(id));
  const counted = { ...parts, snapshotFiles: { ...files, readIntent } };
  const ids = [initialId(CARTS), initialId(ORDERS)];
  const found = await unreadSnapshots(counted, [ORDERS, CARTS, SHOP]);
  assert.deepEqual(found.map(({ id }) => id).sort(), ids);
  assert.deepEqual(asked.sort(), ids);
});

Deno.test("a database is not retired while a snapshot of it is not complete, and it is said which", async () => {
  const { parts, files } = await scene(SHOP);
  await assert.rejects(
    findRetiring(parts, "database:shop"),
    /Cannot retire database:shop: .*\(database\.shop\.initial is due\).*`tributary snapshot cancel database\.shop\.initial`$/,
  );
  await files.putCancel({ v: 1, id: initialId(SHOP), writtenAt: "now" });
  await assert.rejects(findRetiring(parts, "database:shop"), /is cancelling.*or cancelled$/);
  await files.putEnd({ v: 1, id: initialId(SHOP), outcome: "cancelled", writtenAt: "now" });
  assert.equal((await findRetiring(parts, "database:shop")).target, "database.shop");
});

Deno.test("a retirement that was begun is completed, whatever snapshots there are", async () => {
  const { parts } = await scene(SHOP);
  await parts.layouts.putIntent(targetKey(SHOP), { epoch: 1, of: 0 });
  await refuseUnread(parts, SHOP);
});
