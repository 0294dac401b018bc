import assert from "node:assert/strict";
import { FencedError, PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { superviseStream } from "../../../../src/pipeline/run/supervise_stream.ts";
import { Bell } from "../../../../src/support/notify.ts";
import { assertExactlyOnce } from "../../../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../../../support/lake_world.ts";

Deno.test("superviseStream runs again after a failure that may pass, waiting longer each time", async () => {
  const { world, one } = begin(new TransientError("503"), 6);
  const waits: number[] = [];
  const supervised = one.supervise();
  await world.clock.until(() => supervised.condition === "running");
  for (const event of one.eventsOf("stream-failed")) {
    assert.equal(event.permanent, false);
    waits.push(event.retryMs);
  }
  assert.equal(waits.length, 6);
  // Half of each wait is certain; it doubles from 100 ms to a second.
  for (const [n, ms] of waits.entries()) {
    const full = Math.min(1000, 100 * 2 ** n);
    assert(ms >= full / 2 && ms <= full, `wait ${n} was ${ms}`);
  }
  await stop(one, supervised.ended);
});

Deno.test("superviseStream shows a failure that trying cannot mend, and tries all the same", async () => {
  const { world, one } = begin(new PermanentError("403: no rights"), 2);
  const supervised = one.supervise();
  await world.clock.until(() => supervised.condition === "failed");
  assert.match(String(supervised.error), /403/);
  assert.equal(supervised.run, undefined);
  await world.clock.until(() => supervised.condition === "running");
  assert.equal(supervised.error, undefined);
  assert.notEqual(supervised.run, undefined);
  await stop(one, supervised.ended);
});

Deno.test("superviseStream stays away at least half a second where another writer is alive", async () => {
  const { world, one } = begin(new FencedError("another one"), 1);
  const supervised = one.supervise();
  await world.clock.until(() => supervised.condition === "waiting");
  await world.clock.advance(499);
  assert.equal(supervised.condition, "waiting");
  assert.deepEqual(one.eventsOf("fenced").map((e) => e.reason), ["another one"]);
  await world.clock.until(() => supervised.condition === "running");
  await stop(one, supervised.ended);
});

Deno.test("superviseStream waits as if for the first time after a run that went well for long", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  let fails = true;
  one.outside.plan = ({ method }) =>
    fails && method === "describe"
      ? { kind: "error", when: "before", error: new TransientError("503") }
      : undefined;
  const supervised = one.supervise();
  await world.clock.until(() => one.eventsOf("stream-failed").length === 5);
  fails = false;
  await world.clock.until(() => supervised.condition === "running");
  await world.clock.advance(61_000);
  one.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && args.length > 0
      ? { kind: "error", when: "before", error: new PermanentError("403") }
      : undefined;
  world.insert(4);
  await world.clock.until(() => supervised.condition === "failed");
  assert(one.eventsOf("stream-failed").at(-1)!.retryMs <= 100);
  one.outside.plan = () => undefined;
  await world.clock.until(() => one.isStored());
  await stop(one, supervised.ended);
  await assertExactlyOnce(world);
});

Deno.test("superviseStream tries at once when something answers again, and counts failures anew", async () => {
  const { world, one } = begin(new TransientError("503"), 12);
  const recovery = new Bell();
  const { lease, stopping } = one;
  const context = { ...one.context, recovery };
  const supervised = superviseStream(() => context, lease, stopping.signal);
  const failures = () => one.eventsOf("stream-failed").length;
  await world.clock.until(() => failures() === 10);
  recovery.ring();
  await world.clock.settle();
  assert.equal(failures(), 11);
  assert(one.eventsOf("stream-failed").at(-1)!.retryMs <= 100);
  recovery.ring();
  await world.clock.settle();
  recovery.ring();
  await world.clock.settle();
  assert.equal(supervised.condition, "running");
  await stop(one, supervised.ended);
});

Deno.test("superviseStream stays away from another writer also when something answers again", async () => {
  const { world, one } = begin(new FencedError("another one"), 1);
  const recovery = new Bell();
  const { lease, stopping } = one;
  const context = { ...one.context, recovery };
  const supervised = superviseStream(() => context, lease, stopping.signal);
  await world.clock.until(() => supervised.condition === "waiting");
  recovery.ring();
  await world.clock.advance(499);
  assert.equal(supervised.condition, "waiting");
  await stop(one, supervised.ended);
});

Deno.test("superviseStream ends at the stop also while it waits, and tells of each change", async () => {
  const { world, one } = begin(new TransientError("503"), Infinity);
  const conditions: string[] = [];
  const { context, lease, stopping } = one;
  const supervised = superviseStream(
    () => context,
    lease,
    stopping.signal,
    () => conditions.push(supervised.condition),
  );
  await world.clock.until(() => conditions.length === 3);
  await stop(one, supervised.ended);
  assert.deepEqual(conditions, ["waiting", "waiting", "waiting", "stopped"]);
  assert.equal(world.clock.timerCount, 0);
});

Deno.test("superviseStream ends when the lease is lost", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const supervised = one.supervise();
  await world.clock.until(() => supervised.condition === "running");
  one.lease.lose();
  await world.clock.finish(supervised.ended);
  assert.equal(supervised.condition, "stopped");
  assert.equal(one.eventsOf("stream-stopped").length, 1);
});

/** A stream whose first runs fail at once. */
function begin(error: Error, failures: number): { world: LakeWorld; one: Instance } {
  const world = new LakeWorld();
  const one = world.instance();
  let left = failures;
  one.outside.plan = ({ method, target }) =>
    target === "state" && method === "load" && left-- > 0
      ? { kind: "error", when: "before", error }
      : undefined;
  return { world, one };
}

async function stop(one: Instance, ended: Promise<void>): Promise<void> {
  one.stop();
  await one.world.clock.finish(ended);
  assert.equal(one.context.budget.usedBytes, 0);
}
