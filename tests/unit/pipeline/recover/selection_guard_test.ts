import assert from "node:assert/strict";
import { WaitingError } from "../../../../src/model/errors.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { SelectionGuard } from "../../../../src/pipeline/recover/selection_guard.ts";
import { LakeWorld, SETTINGS } from "../../../support/lake_world.ts";

const OTHER = { ...SETTINGS, namespaces: { include: ["shop.b"], exclude: [] } };

Deno.test("SelectionGuard lets all through that select the same, and oneself", async () => {
  const { world, last } = await crashedWorld();
  const { context, lease } = world.instance();
  const guard = new SelectionGuard();
  await guard.admit(context, lease, last, { ...SETTINGS, encoderVersion: 7 });
  await guard.admit(context, lease, { ...last, owner: lease.owner }, OTHER);
  await guard.admit(
    context,
    lease,
    { ...last, kind: "heartbeat", durableThrough: last.seq },
    OTHER,
  );
});

Deno.test("SelectionGuard waits for silence, from the last record that it has heard", async () => {
  const { world, last } = await crashedWorld();
  const { context, lease } = world.instance({ options: { batchAgeMsMax: 20_000 } });
  const guard = new SelectionGuard();
  const admit = (record: JournalRecord) => guard.admit(context, lease, record, OTHER);
  await assert.rejects(admit(last), WaitingError);
  await world.clock.advance(39_000);
  await assert.rejects(admit({ ...last, id: "another" }), /nothing was heard of it for 40s/);
  await world.clock.advance(39_000);
  await assert.rejects(admit({ ...last, id: "another" }), /\(the collections\)/);
  assert.equal(guard.contextFor(context), context);
  await world.clock.advance(1000);
  await admit({ ...last, id: "another" });
  assert.equal(guard.contextFor(context).silenceMsMax, 10_000);
});

Deno.test("SelectionGuard asks who else is there, also where the last writer has stopped", async () => {
  const { world, last } = await crashedWorld();
  const { context, lease } = world.instance();
  const asked: string[] = [];
  const rivalOf = (key: string) => {
    asked.push(key);
    return Promise.resolve("another one is there");
  };
  const stopped = { ...last, kind: "heartbeat", durableThrough: last.seq } as JournalRecord;
  const guard = new SelectionGuard();
  await guard.admit({ ...context, rivalOf }, lease, stopped, SETTINGS);
  assert.deepEqual(asked, []);
  await assert.rejects(
    guard.admit({ ...context, rivalOf }, lease, stopped, OTHER),
    /another one is there/,
  );
  assert.deepEqual(asked, [context.key]);
});

/** A lake whose only writer has died. */
async function crashedWorld(): Promise<{ world: LakeWorld; last: JournalRecord }> {
  const world = new LakeWorld();
  world.insert(5);
  const one = world.instance();
  void one.run().catch(() => {});
  await world.clock.until(() => one.isStored());
  one.outside.kill();
  return { world, last: (await world.records()).at(-1)! };
}
