/** Drops end a change stream; the stream goes on behind them. */
import assert from "node:assert/strict";
import { TransientError } from "../../src/model/errors.ts";
import type { Stream } from "../../src/model/stream.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, ORDERS } from "../support/lake_world.ts";
import { atCall } from "../support/outside.ts";

Deno.test("after an invalidate a reopened record says so, and the stream goes on behind it", async () => {
  const { world, one } = await runOverDrops(2);
  const { records } = await assertExactlyOnce(world);
  const reopened = records.filter((r) => r.kind === "reopened");
  assert.equal(reopened.length, 2);
  for (const record of reopened) assert.equal(record.to.invalidate, true);
  assert.equal(one.eventsOf("reopened").length, 2);
});

Deno.test("the invalidate event lies with the collection it is about", async () => {
  const { world } = await runOverDrops(1);
  const keys = await world.destination.list("", { limit: 100 });
  const objects = keys.filter((key) => !key.startsWith("_tributary/"));
  assert(objects.every((key) => key.startsWith("db=shop/coll=orders/")), objects.join(" "));
});

Deno.test("a database stream goes on after dropDatabase, and past the drops of collections", async () => {
  const stream: Stream = { level: "database", database: "shop" };
  const world = new LakeWorld();
  world.insert(3);
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  world.insert(2, "others");
  world.oplog.append({ operation: "dropDatabase", database: "shop" });
  world.insert(3);
  await world.instance({ stream }).runToEnd();
  const { records } = await assertExactlyOnce(world, { stream });
  assert.equal(records.filter((r) => r.kind === "reopened").length, 1);
});

Deno.test("a drop while nothing is read yet is passed as well", async () => {
  const world = new LakeWorld();
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  world.insert(1);
  await world.instance().runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("a crash at any call around an invalidate loses nothing and doubles nothing", async () => {
  let number = 0;
  for (let hit = true; hit;) {
    number++;
    hit = false;
    const world = new LakeWorld();
    const first = world.instance();
    const plan = atCall(
      number,
      { kind: "crash", when: number % 2 === 0 ? "before" : "after" },
      (call) => call.target === "destination",
    );
    first.outside.plan = (call) => {
      const fault = plan(call);
      if (fault !== undefined) hit = true;
      return fault;
    };
    writeDrops(world, 2);
    void first.run();
    await world.clock.advance(10_000);
    first.outside.kill();
    await readLake(world, { complete: false });
    await world.instance().runToEnd();
    await assertExactlyOnce(world).catch((cause) => {
      throw new Error(`Not exactly once after a crash at call ${number}`, { cause });
    });
  }
  assert(number > 20, `only ${number} calls`);
});

Deno.test("a cursor lost right after an invalidate is opened again behind it", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  let lost = 0;
  one.outside.plan = ({ target, method }) => {
    const loses = target === "cursor" && method === "next" && lost < 1 &&
      one.eventsOf("reopened").length === 1 && one.eventsOf("source-opened").length === 2;
    if (!loses) return undefined;
    lost++;
    return { kind: "error", when: "after", error: new TransientError("interrupted") };
  };
  world.insert(2);
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  const running = one.run();
  await world.clock.until(() => one.eventsOf("source-lost").length === 1);
  world.insert(2);
  await world.clock.until(() => one.isStored());
  one.stop();
  await world.clock.finish(running);
  await assertExactlyOnce(world);
  // A stop and a start behind an invalidate do not meet it again.
  const two = world.instance();
  await two.runToEnd();
  assert.equal(two.eventsOf("reopened").length, 0);
});

async function runOverDrops(drops: number): Promise<{ world: LakeWorld; one: Instance }> {
  const world = new LakeWorld();
  writeDrops(world, drops);
  const one = world.instance({ stream: ORDERS });
  await one.runToEnd();
  return { world, one };
}

/** Events before, between and after drops of the collection. */
function writeDrops(world: LakeWorld, drops: number): void {
  world.insert(3);
  for (let drop = 0; drop < drops; drop++) {
    world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
    world.insert(3);
  }
}
