import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import { positionAfterTime, positionAt } from "../../../../src/model/position.ts";
import { closeBeyond } from "../../../../src/pipeline/layout/close_beyond.ts";
import { movePosition } from "../../../../src/operate/move_position.ts";
import { openJournal } from "../../../../src/pipeline/recover/open_journal.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { operatorParts } from "../../../support/operator_parts.ts";

Deno.test("closeBeyond leaves a stream alone that has no barrier, or has not passed it", async () => {
  const { world, context, lease, tail } = await opened();
  const barrier = tail.position;
  assert.equal(await closeBeyond(context, lease, tail, undefined), false);
  for (const count of [0, 2]) {
    assert.equal(await closeBeyond(context, lease, tail, { epoch: 1, of: count, barrier }), false);
  }
  assert.notEqual((await world.records()).at(-1)!.kind, "closed");
});

Deno.test("closeBeyond closes a stream where it stands that nothing follows", async () => {
  const { world, context, lease, tail, first } = await opened();
  const at = tail.position;
  assert.equal(await closeBeyond(context, lease, tail, { epoch: 1, of: 0, barrier: first }), true);
  const last = (await world.records()).at(-1)!;
  assert.deepEqual([last.kind, last.to], ["closed", at]);
});

Deno.test("closeBeyond refuses where the streams that follow would bring again what is stored", async () => {
  const { world, context, lease, tail, first } = await opened();
  const layout = { epoch: 1, of: 2, barrier: first };
  await assert.rejects(
    closeBeyond(context, lease, tail, layout),
    (error) => error instanceof PermanentError && /would bring these again/.test(error.message),
  );
  assert.notEqual((await world.records()).at(-1)!.kind, "closed");
});

Deno.test("closeBeyond closes a stream that only a gap has carried beyond", async () => {
  const world = await filled();
  const barrier = positionAfterTime({ t: world.oplog.operationTime.t + 1, i: 1 });
  world.pass(60);
  await movePosition(operatorParts(world), "shop.orders", { kind: "now" }, true);
  const { context, lease } = world.instance();
  const tail = await world.clock.finish(openJournal(context, lease));
  assert.equal(await closeBeyond(context, lease, tail, { epoch: 1, of: 2, barrier }), true);
});

async function filled(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  return world;
}

async function opened() {
  const world = await filled();
  const { context, lease } = world.instance();
  const tail = await world.clock.finish(openJournal(context, lease));
  return { world, context, lease, tail, first: positionAt(world.oplog.entries[1]!.time) };
}
