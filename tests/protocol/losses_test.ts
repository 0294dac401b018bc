/** What a journal says is lost, as whoever runs the stream tells it: at a start, after a takeover, and while it runs. */
import assert from "node:assert/strict";
import { LossLedger } from "../../src/journal/loss_ledger.ts";
import { movePosition } from "../../src/pipeline/move_position.ts";
import { type Instance, LakeWorld } from "../support/lake_world.ts";
import { operatorParts } from "../support/operator_parts.ts";

/** A copy of the program that counts, with a memory of its own. */
function counting(world: LakeWorld, onHistoryLost: "fail" | "restart" = "restart"): Instance {
  const instance = world.instance({ options: { onHistoryLost } });
  const losses = new LossLedger(world.destination, (_, error) => {
    throw error;
  });
  Object.assign(instance.context, { losses });
  return instance;
}

/** What it has told, without the record's number. */
function told(instance: Instance) {
  return instance.eventsOf("losses-known").map(({ type: _type, seq: _seq, ...known }) => known);
}

const NOTHING = { gaps: 0, voidedObjects: 0, deadLetters: 0, acceptedRecords: 0 };

/** Four events are stored; what came after is no longer in the oplog. */
async function worldWithLostHistory(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(4);
  await world.instance().runToEnd();
  world.insert(6);
  world.pass(100);
  world.oplog.truncateBefore(world.oplog.entries.at(-2)!.time);
  return world;
}

Deno.test("a stream that has lost nothing says so", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const one = counting(world);
  await one.runToEnd();
  assert.deepEqual(told(one), [NOTHING]);
});

Deno.test("a gap at a start is told by the instance that recorded it, and by each that comes after", async () => {
  const world = await worldWithLostHistory();
  const one = counting(world);
  await one.runToEnd();
  assert.deepEqual(told(one), [NOTHING, { ...NOTHING, gaps: 1 }]);
  const two = counting(world, "fail");
  await two.runToEnd();
  assert.deepEqual(told(two), [{ ...NOTHING, gaps: 1 }]);
});

Deno.test("a position that a person moved while the stream ran is told after the takeover", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const one = counting(world);
  const supervised = one.supervise();
  await world.clock.until(() => one.isStored());
  world.pass(100);
  await movePosition(operatorParts(world), "shop.orders", { kind: "now" }, true);
  world.insert(3);
  await world.clock.until(() => told(one).length > 1);
  one.stop();
  await world.clock.finish(supervised.ended);
  assert.deepEqual(told(one), [NOTHING, { ...NOTHING, gaps: 1 }]);
});
