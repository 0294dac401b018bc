/** What every place of orders must do, whatever it is kept in. */
import assert from "node:assert/strict";
import type { DefineFleetTest, FleetUnderTest } from "../support/fleets.ts";

const A = "collection.shop.orders";
const NOTE = "snapshot.collection.shop.orders.asked-1";
const B = "collection.%C3%A4.b";

export function testOrdersContract(define: DefineFleetTest): void {
  const test = (what: string, run: (fleet: FleetUnderTest) => Promise<void>) =>
    define(`orders: ${what}`, async (fleet) => {
      await run(fleet);
      for (const key of [A, B]) await fleet.one.orders.resume(key);
      await fleet.one.orders.takeFlushes([A, B, NOTE]);
    });

  test("what is paused is paused for all until it is resumed", async ({ one, other }) => {
    assert.deepEqual(await other.orders.paused(), new Set());
    for (const key of [A, B, A]) await one.orders.pause(key);
    const before = await other.orders.paused();
    assert.deepEqual(before, new Set([A, B]));
    await other.orders.resume(A);
    await other.orders.resume(A);
    assert.deepEqual(before, new Set([A, B]), "an answer does not change afterwards");
    assert.deepEqual(await one.orders.paused(), new Set([B]));
  });

  test("one takes an order to flush, of those that it can carry out", async ({ one, other }) => {
    assert.deepEqual(await one.orders.takeFlushes([A, B]), []);
    for (const key of [A, B, A]) await one.orders.flush(key);
    assert.deepEqual(await other.orders.takeFlushes(["collection.x.y"]), []);
    assert.deepEqual(await other.orders.takeFlushes([A]), [A]);
    assert.deepEqual(await one.orders.takeFlushes([A, B]), [B]);
  });

  test("what is noted is seen by all, and taken by nobody", async ({ one, other }) => {
    assert.ok(!(await other.orders.notes()).has(NOTE));
    await one.orders.note(NOTE);
    assert.deepEqual(await other.orders.takeFlushes([A]), []);
    for (const { orders } of [one, other]) assert.ok((await orders.notes()).has(NOTE));
    assert.deepEqual(await one.orders.paused(), new Set());
  });

  test("each order is news", async ({ one, other }) => {
    const seen = new Set([await other.changes()]);
    for (const order of ["pause", "resume", "flush", "note"] as const) {
      await one.orders[order](A);
      const changes = await other.changes();
      assert.ok(!seen.has(changes), order);
      seen.add(changes);
    }
  });
}
