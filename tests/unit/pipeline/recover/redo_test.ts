import assert from "node:assert/strict";
import { FencedError, TransientError } from "../../../../src/model/errors.ts";
import { namesObjects } from "../../../../src/model/record.ts";
import { openJournal } from "../../../../src/pipeline/recover/open_journal.ts";
import type { OpenRequest } from "../../../../src/pipeline/ports.ts";
import { Limiter } from "../../../../src/support/flow/limited.ts";
import { crashAfterRecord } from "../../../support/crash_between.ts";
import { assertExactlyOnce } from "../../../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../../../support/lake_world.ts";

Deno.test("redo looks only at the records after durableThrough, and reads only what is missing", async () => {
  const world = new LakeWorld();
  world.insert(12);
  await world.instance().runToEnd();
  world.insert(4);
  await crashAfterRecord(world.instance(), 5);
  const one = world.instance();
  const calls: string[] = [];
  one.outside.plan = ({ method, target }) => {
    if (method === "head" || (target === "source" && method === "open")) calls.push(method);
    return undefined;
  };
  await world.clock.finish(openJournal(one.context, one.lease));
  // First it is asked whether the server has the journal's last event.
  assert.deepEqual(calls, ["open", "head", "open"]);
  assert.deepEqual(one.eventsOf("redo-started").map((e) => [e.seq, e.objects]), [[5, 1]]);
  assert.deepEqual(one.eventsOf("redo-finished").map((e) => [e.seq, e.objects]), [[5, 1]]);
  await assertExactlyOnce(world);
});

Deno.test("redo makes objects when it is its turn, and holds up no journal that misses none", async () => {
  const worlds = [new LakeWorld(), new LakeWorld(), new LakeWorld()] as const;
  const [first, second, whole] = worlds;
  for (const world of worlds) world.insert(4);
  await crashAfterRecord(first.instance(), 1);
  await crashAfterRecord(second.instance(), 1);
  await whole.instance().runToEnd();
  const redos = new Limiter(1);
  const [one, two, three] = worlds.map((world) => {
    const instance = world.instance();
    Object.assign(instance.context, { redos });
    return instance;
  }) as [Instance, Instance, Instance];
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ target, method, args }) =>
    target === "source" && method === "open" && (args[0] as OpenRequest).images === "as-set"
      ? { kind: "held", when: "before", until: held.promise }
      : undefined;
  const openings = [one, two].map((each) => openJournal(each.context, each.lease));
  for (const world of [first, second]) await world.clock.settle();
  assert.equal(one.eventsOf("redo-started").length, 1);
  assert.equal(two.eventsOf("redo-started").length, 0);
  await whole.clock.finish(openJournal(three.context, three.lease));
  held.resolve();
  await first.clock.finish(openings[0]!);
  await second.clock.finish(openings[1]!);
  assert.equal(two.eventsOf("redo-finished").length, 1);
  for (const world of worlds) await assertExactlyOnce(world);
});

Deno.test("redo whose lease ends while it waits for its turn makes nothing", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  const one = world.instance();
  const redos = new Limiter(1);
  const held = Promise.withResolvers<void>();
  const other = redos.run(() => held.promise);
  Object.assign(one.context, { redos });
  const opening = openJournal(one.context, one.lease);
  opening.catch(() => {}); // Asserted below.
  await world.clock.settle();
  one.lease.lose();
  await assert.rejects(world.clock.finish(opening), FencedError);
  held.resolve();
  await other;
  await world.clock.settle();
  assert.equal(one.eventsOf("redo-started").length, 0);
});

Deno.test("redo appends nothing where all can be made, and everything is durable then", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance(), 1);
  const one = world.instance();
  const tail = await world.clock.finish(openJournal(one.context, one.lease));
  assert.equal((await world.records()).length, 2);
  assert.deepEqual([tail.durableThrough, tail.notDurableCount], [1, 0]);
});

Deno.test("redo makes one missing object of several and leaves the others as they are", async () => {
  const world = new LakeWorld();
  world.insert(2);
  world.pass(3600);
  world.insert(2);
  await crashAfterRecord(world.instance(), 1);
  const [, batch] = await world.records();
  const [first, second] = namesObjects(batch!) ? batch.objects : [];
  // Some other bytes show whether it is touched.
  await world.destination.putIfAbsent(first!.key, new Uint8Array(3));
  const one = world.instance();
  await world.clock.finish(openJournal(one.context, one.lease));
  assert.equal((await world.destination.head(first!.key))?.bytes, 3);
  assert.equal((await world.destination.head(second!.key))?.bytes, second!.bytes);
  assert.deepEqual(one.eventsOf("redo-started").map((e) => e.objects), [1]);
});

Deno.test("redo throws what may pass, and voids nothing for it", async () => {
  for (const method of ["head", "open", "next", "putIfAbsent"]) {
    const world = new LakeWorld();
    world.insert(4);
    await crashAfterRecord(world.instance(), 1);
    const one = world.instance();
    const error = new TransientError("503");
    one.outside.plan = (call) =>
      call.method === method ? { kind: "error", when: "before", error } : undefined;
    await assert.rejects(world.clock.finish(openJournal(one.context, one.lease)), error);
    assert.equal((await world.records()).length, 2);
  }
});
