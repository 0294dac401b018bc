/** What a stream meets at its barrier, beside events: lost history, and events that cannot be read. */
import assert from "node:assert/strict";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { positionAfterTime } from "../../src/model/position.ts";
import type { Position } from "../../src/model/position.ts";
import { targetKey } from "../../src/model/stream.ts";
import { readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, ORDERS } from "../support/lake_world.ts";

Deno.test("a gap ends at the barrier: what is lost behind it is missing in the streams that follow", async () => {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  world.insert(3);
  const barrier = await divide(world);
  world.pass(10);
  world.insert(2);
  world.oplog.truncateBefore(world.oplog.operationTime);
  const one = world.instance({ options: { onHistoryLost: "restart" } });
  await runToClose(world, one);
  const { records } = await readLake(world);
  const [gap, closed] = records.slice(-2);
  assert.equal(gap?.kind, "gap");
  assert.deepEqual(gap?.to, barrier);
  assert.equal(closed?.kind, "closed");
});

Deno.test("an unreadable event behind the barrier is left to the streams that follow", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const barrier = await divide(world);
  const place = { database: "shop", collection: "orders" };
  world.oplog.append({ ...place, operation: "update", unreadable: "too-large" });
  const one = world.instance({ settings: { fullDocument: "required" } });
  await runToClose(world, one);
  const { records, stored, dead } = await readLake(world);
  assert.equal(records.at(-1)?.kind, "closed");
  assert.deepEqual(records.at(-1)?.to, barrier);
  assert.deepEqual([stored.length, dead.length], [3, 0]);
});

/** From the server's last operation on, the collection is to have two partitions. */
async function divide(world: LakeWorld): Promise<Position> {
  const layouts = createObjectLayouts(world.destination);
  const barrier = positionAfterTime(world.oplog.operationTime);
  const layout = { epoch: 1, of: 2 };
  await layouts.putIntent(targetKey(ORDERS), layout);
  await layouts.put(targetKey(ORDERS), { ...layout, barrier });
  return barrier;
}

async function runToClose(world: LakeWorld, one: Instance): Promise<void> {
  const { ended } = one.supervise();
  await world.clock.finish(ended, 60_000);
}
