/** Positions that the oplog no longer reaches, and state stores that say something else than the journal. */
import assert from "node:assert/strict";
import { HistoryLostError, TransientError } from "../../src/model/errors.ts";
import type { GapRecord } from "../../src/model/record.ts";
import type { Source, StateStore, StreamState } from "../../src/pipeline/ports.ts";
import { adoptStream } from "../../src/operate/adopt_stream.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { createMemoryState } from "../../src/state/memory_state.ts";
import { crashAfterRecord } from "../support/crash_between.ts";
import { assertExactlyOnce, expectedTokens, readLake } from "../support/lake_oracle.ts";
import { LakeWorld, ORDERS } from "../support/lake_world.ts";
import { operatorParts } from "../support/operator_parts.ts";

Deno.test("lost history stops the stream by default, and nothing is written", async () => {
  const world = await worldWithLostHistory();
  const before = await world.records();
  await assert.rejects(world.clock.finish(world.instance().run()), HistoryLostError);
  assert.deepEqual(await world.records(), before);
});

Deno.test("with restart the stream goes on at the oldest entry, and a gap record says what is missing", async () => {
  const world = await worldWithLostHistory();
  const last = (await world.records()).at(-1)!;
  const one = world.instance({ options: { onHistoryLost: "restart" } });
  await one.runToEnd();
  const { records, stored } = await readLake(world);
  const gap = records.find((r) => r.kind === "gap") as GapRecord;
  assert.deepEqual(gap.from, last.to);
  assert.deepEqual(gap.to, { operationTime: world.oplog.oldestTime, data: "" });
  assert.match(gap.reason, /oldest entry of the oplog is newer/);
  assert.equal(one.eventsOf("history-gap").length, 1);
  // What came before the loss and all that the oplog still had.
  const afterGap = expectedTokens(world.oplog.entries, ORDERS, gap.to);
  assert.equal(stored.length, 4 + afterGap.length);
  assert.deepEqual(stored.slice(4), afterGap);
});

Deno.test("with restart the stream goes on also where the oldest entry moves between any two questions", async () => {
  const world = await worldWithLostHistory();
  world.pass(600);
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const roll = () => {
    world.pass(3);
    world.oplog.truncateBefore({ t: world.oplog.oldestTime.t + 3, i: 1 });
  };
  const source: Source = {
    describe: (signal) => {
      roll();
      return inner.describe(signal);
    },
    open: (request, signal) => {
      roll();
      return inner.open(request, signal);
    },
  };
  const one = world.instance({ source, options: { onHistoryLost: "restart" } });
  const running = one.run();
  await world.clock.until(() => one.eventsOf("source-opened").length > 0);
  world.insert(3);
  await world.clock.until(() => one.isStored());
  one.stop();
  await world.clock.finish(running);
  const { records, stored } = await readLake(world);
  assert(records.some((record) => record.kind === "gap"));
  assert.deepEqual(stored.slice(-3), world.oplog.entries.slice(-3).map(({ data }) => data));
});

Deno.test("history lost while reading is a gap after what was read", async () => {
  const world = new LakeWorld();
  const one = world.instance({ options: { onHistoryLost: "restart", batchAgeMsMax: 20_000 } });
  const running = one.run();
  world.insert(3);
  await world.clock.until(() => one.isCaughtUp());
  one.outside.freeze();
  world.pass(100);
  world.insert(2);
  world.oplog.truncateBefore(world.oplog.entries.at(-1)!.time);
  one.outside.thaw();
  await world.clock.until(() => one.isStored());
  one.stop();
  await world.clock.finish(running);
  const { records, stored } = await readLake(world);
  assert.deepEqual(records.map((r) => r.kind), ["genesis", "batch", "gap", "batch", "heartbeat"]);
  assert.equal(stored.length, 4);
});

Deno.test("a server that was restored to before the position is lost history, also with restart", async () => {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  const restored = new LakeWorld();
  restored.insert(2);
  const source = createMemorySource({ oplog: restored.oplog, clock: world.clock });
  for (const onHistoryLost of ["fail", "restart"] as const) {
    const one = world.instance({ source, options: { onHistoryLost } });
    await assert.rejects(world.clock.finish(one.run()), HistoryLostError);
  }
  assert.equal((await readLake(world)).stored.length, 5);
});

Deno.test("a server that was restored stays refused after its time has passed the position, until that is adopted", async () => {
  const world = new LakeWorld();
  world.insert(5);
  const oplog = world.oplog.restoredAt(world.oplog.entries[2]!.time);
  world.pass(60);
  world.insert(1);
  await world.instance().runToEnd();
  oplog.advanceTo({ t: world.oplog.operationTime.t + 600, i: 1 });
  const source = createMemorySource({ oplog, clock: world.clock });
  for (const onHistoryLost of ["fail", "restart"] as const) {
    const one = world.instance({ source, options: { onHistoryLost } });
    await assert.rejects(world.clock.finish(one.run()), (error) => {
      assert(error instanceof HistoryLostError);
      assert.match(error.message, /no operation of that time/);
      return true;
    });
  }
  const [adoption] = await adoptStream(operatorParts(world, { source }), "shop.orders", undefined);
  assert.equal(adoption?.what, "restored-source");
  oplog.append({ operation: "insert", database: "shop", collection: "orders" });
  const one = world.instance({ source });
  const running = one.run();
  await world.clock.until(() => one.eventsOf("batch-durable").length > 0);
  one.stop();
  await world.clock.finish(running);
  const { records, stored } = await readLake(world);
  assert.deepEqual(records.map((r) => r.kind).slice(-4), [
    "heartbeat",
    "gap",
    "batch",
    "heartbeat",
  ]);
  assert.deepEqual(stored.slice(6), [oplog.entries.at(-1)!.data]);
});

Deno.test("a redo on a server that is behind gives nothing up: the events may come back", async () => {
  const world = new LakeWorld();
  const behind = world.oplog.restoredAt(world.oplog.operationTime);
  world.insert(3);
  await crashAfterRecord(world.instance(), 1);
  world.insert(4);
  await crashAfterRecord(world.instance(), 2);
  const source = createMemorySource({ oplog: behind, clock: world.clock });
  const one = world.instance({ source, options: { onHistoryLost: "restart" } });
  await assert.rejects(world.clock.finish(one.run()), HistoryLostError);
  await world.instance({ options: { onHistoryLost: "restart" } }).runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("a cursor that is lost is opened again at the last position, and batches go on", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  let nexts = 0;
  one.outside.plan = ({ target, method }) =>
    target === "cursor" && method === "next" && ++nexts % 3 === 0
      ? { kind: "error", when: "after", error: new TransientError("interrupted") }
      : undefined;
  const supervised = one.supervise();
  for (let round = 0; round < 10; round++) {
    world.insert(3);
    await world.clock.advance(3000);
  }
  one.outside.plan = () => undefined;
  await world.clock.until(() => one.isStored());
  one.stop();
  await world.clock.finish(supervised.ended);
  assert(one.eventsOf("source-lost").length > 2);
  await assertExactlyOnce(world);
});

Deno.test("the state store is a hint: wiped, ahead, behind or of a stranger, the journal decides", async () => {
  const world = new LakeWorld();
  world.insert(10);
  await world.instance().runToEnd();
  const saved = (await world.state.load("collection.shop.orders"))!;
  assert.equal(saved.events, 10);
  const hints: (StreamState | undefined)[] = [
    undefined,
    { ...saved, seq: 1_000_000, position: { operationTime: { t: 2 ** 31, i: 1 }, data: "" } },
    { ...saved, seq: 0, position: { operationTime: { t: 1, i: 1 }, data: "" } },
    { ...saved, seq: -7 },
    { ...saved, seq: 0.5 },
  ];
  for (const hint of hints) {
    world.state = createMemoryState();
    if (hint !== undefined) await world.state.save("collection.shop.orders", hint);
    world.insert(3);
    await world.instance().runToEnd();
    await assertExactlyOnce(world);
  }
});

Deno.test("a state store that fails on each save stops nothing", async () => {
  const world = new LakeWorld();
  const inner = createMemoryState();
  const state: StateStore = {
    load: (key) => inner.load(key),
    save: () => Promise.reject(new TransientError("no space left")),
    list: () => inner.list(),
  };
  world.insert(10);
  const one = world.instance({ state });
  await one.runToEnd();
  await assertExactlyOnce(world);
  assert(one.eventsOf("state-save-failed").length > 0);
});

/** A stream was at the fourth event when the oplog lost more than that. */
async function worldWithLostHistory(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(4);
  await world.instance().runToEnd();
  world.pass(100);
  world.insert(5);
  world.oplog.truncateBefore(world.oplog.entries[6]!.time);
  world.insert(1);
  return world;
}
