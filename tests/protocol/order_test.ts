/** The order in which a stream's writes happen, and what its records say of each other. */
import assert from "node:assert/strict";
import { positionAt } from "../../src/model/position.ts";
import { namesObjects } from "../../src/model/record.ts";
import { RECORDS_IN_FLIGHT_MAX } from "../../src/pipeline/stream_context.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../support/lake_world.ts";
import type { OutsideCall } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";

Deno.test("from of each record is to of the one before, over restarts, stops and crashes", async () => {
  const world = new LakeWorld();
  const random = new SeededRandom(7);
  for (let round = 0; round < 20; round++) {
    world.insert(random.below(8));
    if (random.chance(0.3)) world.pass(2000);
    const one = world.instance();
    if (random.chance(0.5)) {
      await one.runToEnd();
      continue;
    }
    void one.run();
    await world.clock.advance(random.below(4000));
    one.outside.kill();
    await readLake(world, { complete: false });
  }
  await world.instance().runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("a record is confirmed before any of its objects is put, and k before k+1 is sent", async () => {
  const { world, one } = begin(30);
  const appended = new Set<number>();
  let sending = 0;
  watchPuts(one, (key, put) => {
    const seq = recordSeq(key);
    if (seq === undefined) {
      const object = objectSeq(key);
      if (object !== undefined) assert(appended.has(object), `${key} came before its record`);
      return put();
    }
    assert.equal(sending, 0, `record ${seq} was sent while another was on its way`);
    assert.equal(appended.size, seq, `record ${seq} was sent before the one before it`);
    sending++;
    return put().then(() => {
      sending--;
      appended.add(seq);
    });
  });
  await one.runToEnd();
  await assertExactlyOnce(world);
  assert(appended.size > 7);
});

Deno.test(`at most ${RECORDS_IN_FLIGHT_MAX} records wait for their objects`, async () => {
  const { world, one } = begin(60);
  const stored = Promise.withResolvers<void>();
  one.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && objectSeq(String(args[0])) !== undefined
      ? { kind: "held", when: "before", until: stored.promise }
      : undefined;
  const running = one.run();
  await world.clock.advance(30_000);
  const records = await world.records();
  assert.equal(records.filter(namesObjects).length, RECORDS_IN_FLIGHT_MAX);
  assert.deepEqual(records.map((r) => r.durableThrough), records.map(() => 0));
  stored.resolve();
  await world.clock.until(() => one.isCaughtUp());
  one.stop();
  await world.clock.finish(running);
  await assertExactlyOnce(world);
});

Deno.test("durableThrough ends before the first record whose objects are not all there", async () => {
  const { world, one } = begin(12);
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && objectSeq(String(args[0])) === 2
      ? { kind: "held", when: "before", until: held.promise }
      : undefined;
  const running = one.run();
  await world.clock.until(() => one.eventsOf("batch-durable").length === 2);
  world.insert(4);
  await world.clock.until(() => one.eventsOf("batch-durable").length === 3);
  const records = await world.records();
  assert.equal(records.length, 5);
  assert.equal(records[4]!.durableThrough, 1);
  held.resolve();
  one.stop();
  await world.clock.finish(running);
});

Deno.test("a clean stop leaves nothing to look for, also after an invalidate", async () => {
  for (const drops of [false, true]) {
    const { world, one } = begin(10);
    const running = one.run();
    await world.clock.until(() => one.isCaughtUp());
    if (drops) {
      const slow = Promise.withResolvers<void>();
      one.outside.plan = ({ method, args }) =>
        method === "putIfAbsent" && objectSeq(String(args[0])) !== undefined
          ? { kind: "held", when: "before", until: slow.promise }
          : undefined;
      world.insert(2);
      world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
      await world.clock.until(() => one.eventsOf("reopened").length === 1);
      slow.resolve();
    }
    one.stop();
    await world.clock.finish(running);
    const last = (await world.records()).at(-1)!;
    assert.equal(last.kind, "heartbeat");
    // Its writer has said that it stopped.
    assert.equal(last.durableThrough, last.seq);
    const next = world.instance();
    let heads = 0;
    next.outside.plan = ({ method }) => {
      if (method === "head") heads++;
      return undefined;
    };
    await next.runToEnd();
    assert.equal(heads, 0);
    await assertExactlyOnce(world);
  }
});

Deno.test("keys come from the record and never from a clock", async () => {
  const keysAfter = async (waitMs: number): Promise<string[]> => {
    const { world, one } = begin(10);
    await world.clock.advance(waitMs);
    await one.runToEnd();
    const records = await world.records();
    return records.filter(namesObjects).flatMap((r) => r.objects.map((o) => o.key));
  };
  const keys = await keysAfter(0);
  assert(keys.length > 2);
  assert.deepEqual(await keysAfter(90 * 24 * 3_600_000), keys);
});

Deno.test("a batch is cut where the records so far end, wherever the genesis lies", async () => {
  const { world, one } = begin(9);
  await world.journal.putStart(
    "collection.shop.orders",
    positionAt(world.oplog.entries[4]!.time),
  );
  await one.runToEnd();
  const { stored } = await assertExactlyOnce(world);
  assert.equal(stored.length, 5);
});

function begin(events: number): { world: LakeWorld; one: Instance } {
  const world = new LakeWorld();
  world.insert(events);
  return { world, one: world.instance() };
}

/** Has `watch` see each put, which takes a while. */
function watchPuts(
  one: Instance,
  watch: (key: string, put: () => Promise<void>) => Promise<void>,
): void {
  const { clock } = one.world;
  one.outside.plan = ({ method, args }: OutsideCall) => {
    if (method !== "putIfAbsent") return undefined;
    const pause = () => new Promise<void>((resolve) => clock.after(50, resolve));
    return { kind: "held", when: "after", until: watch(String(args[0]), pause) };
  };
}

function recordSeq(key: string): number | undefined {
  const match = /^_tributary\/streams\/[^/]+\/(\d+)\.json$/.exec(key);
  return match === null ? undefined : Number(match[1]);
}

function objectSeq(key: string): number | undefined {
  const match = /-[0-9a-f]{8}-(\d+)-\d+\.jsonl$/.exec(key);
  return match === null ? undefined : Number(match[1]);
}
