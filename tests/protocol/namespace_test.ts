/** Whole collections that are read by namespace: a drop is an event like any other. */
import assert from "node:assert/strict";
import { PermanentError } from "../../src/model/errors.ts";
import type { RecordVersion } from "../../src/model/record.ts";
import { FleetRecordFormat, SETTLE_MS } from "../../src/pipeline/record/record_format.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { type InstanceChoice, LakeWorld } from "../support/lake_world.ts";
import { atCall } from "../support/outside.ts";

const inVersion = (v: RecordVersion): InstanceChoice => ({
  settings: { reading: "namespace" },
  recordFormat: { versionAfter: (before = 1) => v > before ? v : before },
});

const BY_NAMESPACE = inVersion(3);
const ITSELF: InstanceChoice = { ...BY_NAMESPACE, settings: {} };

Deno.test("read by namespace, drops end nothing and leave no record of their own", async () => {
  const world = new LakeWorld();
  writeDrops(world, 2);
  const one = world.instance(BY_NAMESPACE);
  await one.runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.deepEqual(records.filter(({ kind }) => kind === "reopened"), []);
  assert.deepEqual(records.filter(({ to }) => to.invalidate === true), []);
  assert.equal(one.eventsOf("source-opened").length, 1);
  const [genesis] = records;
  assert(genesis?.kind === "genesis");
  assert.equal(genesis.settings.reading, "namespace");
});

Deno.test("read by namespace, a crash at any call around a drop loses nothing and doubles nothing", async () => {
  let number = 0;
  for (let hit = true; hit;) {
    number++;
    hit = false;
    const world = new LakeWorld();
    const first = world.instance(BY_NAMESPACE);
    const when = number % 2 === 0 ? "before" as const : "after" as const;
    const plan = atCall(number, { kind: "crash", when }, (call) => call.target === "destination");
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
    await world.instance(BY_NAMESPACE).runToEnd();
    await assertExactlyOnce(world).catch((cause) => {
      throw new Error(`Not exactly once after a crash at call ${number}`, { cause });
    });
  }
  assert(number > 10, `only ${number} calls`);
});

Deno.test("read by namespace, a redo goes on behind the drops inside its range", async () => {
  const world = await diedBeforeObjects(BY_NAMESPACE);
  await world.instance(BY_NAMESPACE).runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.deepEqual(records.filter(({ kind }) => kind === "void"), []);
});

Deno.test("what the user may not read is no reason to give up objects", async () => {
  const world = await diedBeforeObjects(BY_NAMESPACE);
  const two = world.instance({ ...BY_NAMESPACE, options: { onHistoryLost: "restart" } });
  const error = new PermanentError("not authorized", { mend: "surroundings" });
  two.outside.plan = ({ method }) =>
    method === "open" ? { kind: "error", when: "before", error } : undefined;
  const failed = assert.rejects(two.run(), /not authorized/);
  await world.clock.finish(failed);
  const { records } = await readLake(world, { complete: false });
  assert.deepEqual(records.filter(({ kind }) => kind === "void"), []);
  await world.instance(BY_NAMESPACE).runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("a journal of an older version goes on as it was, and moves on with a settings record", async () => {
  for (const v of [1, 2] as const) {
    const world = new LakeWorld();
    writeDrops(world, 1);
    await world.instance(inVersion(v)).runToEnd();
    world.oplog.append(DROP);
    world.oplog.append(DROP);
    const again = world.instance(inVersion(v));
    await again.runToEnd();
    assert.equal(again.eventsOf("settings-changed").length, 0);
    const before = await world.records();
    assert.equal(before.filter(({ kind }) => kind === "reopened").length, 3);
    assert.equal(before.at(-1)!.to.invalidate, true);
    writeDrops(world, 2);
    const last = world.instance(BY_NAMESPACE);
    await last.runToEnd();
    assert.deepEqual(last.eventsOf("settings-changed").map(({ changed }) => changed), [[
      "reading",
    ]]);
    const { records } = await assertExactlyOnce(world);
    const after = records.slice(before.length);
    assert.equal(after[0]!.v, 3);
    assert.deepEqual(after.filter(({ kind }) => kind === "reopened"), []);
  }
});

Deno.test("a journal goes back to a change stream of its own, also right behind a drop", async () => {
  const world = new LakeWorld();
  world.insert(2);
  for (const choice of [BY_NAMESPACE, ITSELF, BY_NAMESPACE, ITSELF, BY_NAMESPACE]) {
    world.oplog.append(DROP);
    await world.instance(choice).runToEnd();
    await assertExactlyOnce(world);
  }
  world.insert(2);
  await world.instance(ITSELF).runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("a stream that runs is read by namespace when its journal may say so, without a stop", async () => {
  const world = new LakeWorld();
  const recordFormat = new FleetRecordFormat(world.clock, "auto");
  recordFormat.noteMembers([{ recordVersion: 2 }]);
  const one = world.instance({ settings: { reading: "namespace" }, recordFormat });
  const supervised = one.supervise();
  writeDrops(world, 1);
  await world.clock.until(() => one.isStored());
  recordFormat.noteMembers([{ recordVersion: 3 }]);
  await world.clock.advance(SETTLE_MS - 60_000);
  assert.equal(one.eventsOf("settings-changed").length, 0);
  await world.clock.advance(120_000);
  assert.equal(one.eventsOf("settings-changed").length, 1);
  writeDrops(world, 2);
  await world.clock.until(() => one.isStored());
  one.stop();
  await world.clock.finish(supervised.ended);
  assert.equal(one.eventsOf("stream-started").length, 2);
  await assertExactlyOnce(world);
});

const DROP = { operation: "drop", database: "shop", collection: "orders" } as const;

/** A world in which one batch over two drops is recorded, and none of its objects was brought. */
async function diedBeforeObjects(choice: InstanceChoice): Promise<LakeWorld> {
  const world = new LakeWorld();
  const first = world.instance({
    ...choice,
    options: { batch: { rowsMax: 100, bytesMax: 1 << 20, objectsMax: 1000 } },
  });
  first.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && String(args[0]).startsWith("db=")
      ? { kind: "crash", when: "before" }
      : undefined;
  writeDrops(world, 2);
  void first.run();
  await world.clock.advance(10_000);
  first.outside.kill();
  const { records, stored } = await readLake(world, { complete: false });
  assert.equal(records.at(-1)!.kind, "batch");
  assert.deepEqual(stored, []);
  return world;
}

/** Events before, between and after drops of the collection. */
function writeDrops(world: LakeWorld, drops: number): void {
  world.insert(3);
  for (let drop = 0; drop < drops; drop++) {
    world.oplog.append(DROP);
    world.insert(3);
  }
}
