/** What a writer may still do when its lease has ended. */
import assert from "node:assert/strict";
import { FencedError } from "../../src/model/errors.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../support/lake_world.ts";
import type { OutsideCall } from "../support/outside.ts";

Deno.test("past the deadline nothing is appended, and what is appended is finished while nobody has gone on", async () => {
  const { world, one, passed } = await stopBeforePut();
  one.lease.passDeadline();
  passed.resolve();
  await world.clock.until(() => one.eventsOf("batch-durable").length === 1);
  world.insert(4);
  await assertFenced(one);
  const { records } = await readLake(world);
  assert.equal(records.length, 2);
  await world.instance().runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("past the deadline no object is put once a successor has appended", async () => {
  const { world, one, passed } = await stopBeforePut();
  one.lease.passDeadline();
  world.insert(4);
  // The successor makes the missing objects itself and goes on.
  await world.instance().runToEnd();
  const puts: string[] = [];
  const before = one.outside.plan;
  one.outside.plan = (call) => {
    if (call.method === "putIfAbsent") puts.push(String(call.args[0]));
    return before(call);
  };
  passed.resolve();
  await assertFenced(one);
  assert.deepEqual(puts, []);
  await assertExactlyOnce(world);
});

Deno.test("with the deadline ahead an object that a successor has put already is done", async () => {
  const { world, one, passed } = await stopBeforePut();
  // A zombie's record is finished by another, before it wakes up.
  await world.instance().runToEnd();
  const bytesBefore = await objectBytes(world);
  passed.resolve();
  await world.clock.until(() => one.eventsOf("batch-durable").length === 1);
  assert.deepEqual(one.eventsOf("object-stored").map((e) => e.outcome), ["exists"]);
  assert.deepEqual(await objectBytes(world), bytesBefore);
  one.outside.kill();
  await assertExactlyOnce(world);
});

Deno.test("a lease that is lost ends the run at once, and the budget is given back", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const running = one.run();
  world.insert(3);
  await world.clock.until(() => one.eventsOf("reply-read").length > 0);
  one.lease.lose();
  await assert.rejects(world.clock.finish(running), FencedError);
  assert.equal(one.context.budget.usedBytes, 0);
  assert.equal((await world.records()).length, 1);
});

Deno.test("a redo stops where the lease ends", async () => {
  const { world, one } = await stopBeforePut();
  one.outside.kill();
  const two = world.instance();
  two.outside.plan = ({ method }) => {
    if (method === "head") two.lease.passDeadline();
    return undefined;
  };
  await assert.rejects(world.clock.finish(two.run()), FencedError);
  const { stored } = await readLake(world, { complete: false });
  assert.deepEqual(stored, []);
});

interface Stopped {
  readonly world: LakeWorld;
  readonly one: Instance;
  readonly passed: PromiseWithResolvers<void>;
}

const runs = new WeakMap<Instance, Promise<void>>();

/** A writer that has appended its first batch, and is held up just before it looks at its lease to put the object. */
async function stopBeforePut(): Promise<Stopped> {
  const world = new LakeWorld();
  world.insert(4);
  const one = world.instance();
  const passed = Promise.withResolvers<void>();
  one.outside.plan = (call: OutsideCall) =>
    call.method === "putIfAbsent" && String(call.args[0]).endsWith("1.json")
      ? { kind: "held", when: "after", until: passed.promise }
      : undefined;
  runs.set(one, one.run());
  await world.clock.until(() => one.eventsOf("batch-encoded").length === 1);
  await world.clock.settle();
  return { world, one, passed };
}

async function assertFenced(one: Instance): Promise<void> {
  await assert.rejects(one.world.clock.finish(runs.get(one)!), FencedError);
}

async function objectBytes(world: LakeWorld): Promise<(Uint8Array | undefined)[]> {
  const keys = await world.destination.list("db=", { limit: 100 });
  return await Promise.all(keys.map((key) => world.destination.get(key)));
}
