import assert from "node:assert/strict";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import { TransientError, UnreadableEventError } from "../../../../src/model/errors.ts";
import { positionAfterTime } from "../../../../src/model/position.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import type { Encoder, OpenRequest, Source } from "../../../../src/pipeline/ports.ts";
import { createMemorySource } from "../../../../src/source/memory/memory_source.ts";
import { sleep } from "../../../../src/support/clock.ts";
import { assertExactlyOnce } from "../../../support/lake_oracle.ts";
import { type Instance, LakeWorld, OPTIONS } from "../../../support/lake_world.ts";
import type { VirtualClock } from "../../../support/virtual_clock.ts";

/** Batches that go to the encoder at once and are not cut by themselves. */
const LONG_BATCHES = {
  encodeAheadBytesMin: 1,
  batchAgeMsMax: 600_000,
  batch: { rowsMax: 1000, bytesMax: 1 << 20, objectsMax: 9 },
};

Deno.test("StreamRun waits for the encoder when the next event needs another object than there may be", async () => {
  const world = new LakeWorld();
  for (let hour = 0; hour < 5; hour++) {
    world.insert(1);
    world.pass(3600);
  }
  const one = world.instance({
    encoder: slowEncoder(world.clock),
    options: {
      encodesInFlightMax: 1,
      batch: { rowsMax: 100, bytesMax: 1 << 20, objectsMax: 1 },
    },
  });
  await one.runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.equal(records.filter((r) => r.kind === "batch").length, 5);
});

Deno.test("StreamRun says to its source that it reads on without an end", async () => {
  const world = new LakeWorld();
  world.insert(1);
  const inner = createMemorySource(world);
  const asked: OpenRequest[] = [];
  const source: Source = {
    ...inner,
    open: (request, signal) => {
      asked.push(request);
      return inner.open(request, signal);
    },
  };
  const one = world.instance({ source });
  const running = one.run();
  await world.clock.until(() => one.isStored());
  assert.equal(asked.at(-1)?.live, true);
  await stop(one, running);
});

Deno.test("StreamRun cuts a batch by rows, by bytes and by age", async () => {
  const limits = [
    { batch: { rowsMax: 5, bytesMax: 1 << 20, objectsMax: 9 }, expected: [5, 5, 2] },
    { batch: { rowsMax: 100, bytesMax: 1000, objectsMax: 9 }, expected: [5, 5, 2] },
  ];
  for (const { batch, expected } of limits) {
    const world = new LakeWorld();
    world.insert(12);
    const one = world.instance({ options: { batch } });
    const running = one.run();
    await world.clock.until(() => one.isStored());
    assert.deepEqual(one.eventsOf("batch-durable").map((e) => e.rows), expected);
    // What was left over waited until its first event was old.
    assert.equal(world.clock.monotonicMs(), 2000);
    await stop(one, running);
  }
});

Deno.test("StreamRun.flush cuts what there is soon, and nothing where there is nothing", async () => {
  const world = new LakeWorld();
  const one = world.instance({ options: { batchAgeMsMax: 600_000 } });
  const running = one.run();
  await world.clock.until(() => one.current !== undefined);
  one.current!.flush();
  world.insert(2);
  await world.clock.advance(5000);
  assert.equal(one.eventsOf("batch-durable").length, 0);
  assert(one.current!.openBatchBytes() > 0);
  one.current!.flush();
  await world.clock.settle();
  assert.deepEqual(one.eventsOf("batch-durable").map((e) => e.rows), [2]);
  assert.equal(one.current!.openBatchBytes(), 0);
  await stop(one, running);
});

Deno.test("StreamRun turns at least each second while it waits for a server, a lake or memory", async () => {
  const budget = new MemoryBudget(1 << 20);
  const waits: Parameters<LakeWorld["instance"]>[0][] = [{}, { budget }];
  for (const choice of waits) {
    const world = new LakeWorld();
    const one = world.instance(choice);
    const running = one.run();
    await world.clock.until(() => one.current !== undefined);
    const held = Promise.withResolvers<void>();
    one.outside.plan = ({ method }) =>
      method === "putIfAbsent" || method === "next"
        ? { kind: "held", when: "after", until: held.promise }
        : undefined;
    const full = choice?.budget?.reserve(2 << 20);
    world.insert(9);
    await world.clock.advance(100_000);
    assert(world.clock.monotonicMs() - one.current!.lastTurnMs <= 1000);
    full?.release();
    held.resolve();
    await world.clock.until(() => one.isStored());
    await stop(one, running);
  }
});

Deno.test("StreamRun turns seldom while nothing happens, and is not taken for one that hangs", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const running = one.run();
  await world.clock.until(() => one.current !== undefined);
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ method }) =>
    method === "next" ? { kind: "held", when: "after", until: held.promise } : undefined;
  await world.clock.advance(10_000);
  let timers = 0;
  const after = world.clock.after.bind(world.clock);
  world.clock.after = (...args) => (timers++, after(...args));
  await world.clock.advance(60_000);
  assert(timers <= 20, `${timers} timers in sixty times the longest turn`);
  assert.equal(one.current!.lastTurnMs, world.clock.monotonicMs());
  held.resolve();
  await stop(one, running);
});

Deno.test("StreamRun that is told of nothing moves on without a turn, and writes its heartbeats", async () => {
  const world = new LakeWorld();
  // Else heartbeats would come each second: ten times within the oplog's window.
  world.pass(10_000);
  const inner = createMemorySource(world);
  let asked: OpenRequest | undefined;
  const source: Source = {
    ...inner,
    open: (request, signal) => {
      if (request.live !== true) return inner.open(request, signal);
      asked = request;
      const closed = Promise.withResolvers<never>();
      closed.promise.catch(() => {});
      const close = () => Promise.resolve(closed.reject(new TransientError("closed")));
      return Promise.resolve({ next: () => closed.promise, close });
    },
  };
  const one = world.instance({ source, options: { heartbeatMsMax: 60_000 } });
  const running = one.run();
  await world.clock.until(() => one.eventsOf("source-opened").length > 0);
  // Until it rests it must be replied to.
  await world.clock.advance(3_000);
  const delays: number[] = [];
  const after = world.clock.after.bind(world.clock);
  const noteDelays = (...args: Parameters<typeof after>) => (delays.push(args[0]), after(...args));
  for (let second = 10; second <= 50; second += 10) {
    world.pass(10);
    await world.clock.advance(10_000);
    const upTo = positionAfterTime(world.oplog.operationTime);
    assert.equal(asked!.nothing?.(upTo, 10_000), true);
    assert.deepEqual(one.current!.position, upTo);
    const { highWater, isSecondHand, events } = one.eventsOf("reply-read").at(-1)!;
    assert.deepEqual([highWater, isSecondHand, events], [upTo.operationTime, true, 0]);
    if (second === 20) world.clock.after = noteDelays;
  }
  const idleTurnMs = 3 * OPTIONS.turnMsMax;
  assert.ok(!delays.includes(idleTurnMs), String(delays));
  assert.equal((await world.records()).length, 1);
  const upTo = positionAfterTime(world.oplog.operationTime);
  await world.clock.advance(20_000);
  asked!.nothing?.(upTo, 20_000);
  await world.clock.until(() => one.eventsOf("record-appended").length > 0);
  const beat = (await world.records()).at(-1)!;
  assert.equal(beat.kind, "heartbeat");
  assert.deepEqual(beat.to, upTo);
  one.stop();
  await world.clock.finish(running);
});

Deno.test("many streams on a budget that holds a few replies all come through", async () => {
  const world = new LakeWorld();
  const budget = new MemoryBudget(200_000);
  const text = "x".repeat(5000);
  const streams = Array.from({ length: 8 }, (_, n): Stream => (
    { level: "collection", database: "shop", collection: `c${n}` }
  ));
  for (let i = 0; i < 400; i++) {
    const collection = `c${i % 8}`;
    world.oplog.append({
      operation: "insert",
      database: "shop",
      collection,
      fullDocument: { text },
    });
  }
  let usedMax = 0;
  const all = streams.map((stream) =>
    world.instance({
      stream,
      budget,
      latencyMs: () => {
        usedMax = Math.max(usedMax, budget.usedBytes);
        return 5;
      },
      options: {
        batch: { rowsMax: 1000, bytesMax: 1 << 20, objectsMax: 9 },
        batchAgeMsMax: 60_000,
      },
    })
  );
  const running = all.map((one) => one.run());
  const durable = (one: Instance) => one.eventsOf("batch-durable").reduce((n, e) => n + e.rows, 0);
  await world.clock.until(() => all.every((one) => one.isCaughtUp()));
  for (const one of all) one.stop();
  await world.clock.finish(Promise.all(running));
  for (const one of all) assert.equal(durable(one), 50);
  for (const stream of streams) await assertExactlyOnce(world, { stream });
  assert.equal(budget.usedBytes, 0);
  // The limit can be passed by one reply a stream, no more.
  const replies = all.map((one) => Math.max(...one.eventsOf("reply-read").map((e) => e.bytes)));
  const usedLimit = replies.reduce((sum, bytes) => sum + bytes, budget.limitBytes);
  assert(usedMax <= usedLimit, `${usedMax} bytes were used`);
});

Deno.test("StreamRun reads in large replies again once past an event that cannot be read", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.oplog.append({
    operation: "update",
    database: "shop",
    collection: "orders",
    unreadable: "too-large",
  });
  world.insert(300);
  const one = world.instance();
  const asked: number[] = [];
  one.outside.plan = ({ target, method, args }) => {
    if (target === "cursor" && method === "next") asked.push(Number(args[0]));
    return undefined;
  };
  await one.runToEnd();
  assert(asked.at(-1)! > 10, asked.join(" "));
  assert(asked.length < 40, asked.join(" "));
});

Deno.test("StreamRun reads on where an event could be read after all", async () => {
  const world = new LakeWorld();
  world.insert(2000);
  const one = world.instance({ options: { batch: { ...OPTIONS.batch, rowsMax: 1000 } } });
  const error = new UnreadableEventError("image-missing", "no post-image (47)");
  const asked: number[] = [];
  one.outside.plan = ({ target, method, args }) => {
    if (target !== "cursor" || method !== "next") return undefined;
    asked.push(Number(args[0]));
    return asked.length === 1 ? { kind: "error", when: "before", error } : undefined;
  };
  await one.runToEnd();
  await assertExactlyOnce(world);
  assert(asked.length < 30, asked.join(" "));
});

Deno.test("StreamRun ends with the error where no event explains it, and comes back later", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const error = new UnreadableEventError("image-missing", "no post-image (47)");
  let nexts = 0;
  // Each second call looks for the event.
  one.outside.plan = ({ target, method }) =>
    target === "cursor" && method === "next" && ++nexts % 2 === 1 && nexts < 4
      ? { kind: "error", when: "before", error }
      : undefined;
  await assert.rejects(one.world.clock.finish(one.run()), error);
  world.insert(5);
  await one.runToEnd();
  await assertExactlyOnce(world);
});

Deno.test("StreamRun never lets a batch grow beyond its limits for an event that cannot be read", async () => {
  const world = new LakeWorld();
  for (let i = 0; i < 40; i++) {
    world.oplog.append({
      operation: "update",
      database: "shop",
      collection: "orders",
      ...(i % 3 === 0 ? {} : { unreadable: "too-large" as const }),
    });
  }
  const one = world.instance({
    encoder: slowEncoder(world.clock),
    options: { encodesInFlightMax: 1 },
  });
  await one.runToEnd();
  const rows = one.eventsOf("batch-durable").map((e) => e.rows + e.deadLetters);
  assert(rows.every((n) => n <= 4), rows.join(" "));
  assert.equal(rows.reduce((a, b) => a + b), 40);
});

Deno.test("StreamRun takes no more events while the encoder is behind, and goes on with its progress", async () => {
  const world = new LakeWorld();
  const inner = createInlineEncoder(world.clock);
  let isBehind = true;
  let goOn = () => {};
  const encoder: Encoder = {
    encode: (request) => inner.encode(request),
    begin(encoding, bytesExpected, progress) {
      const begun = inner.begin!(encoding, bytesExpected, progress)!;
      goOn = progress;
      return {
        get isBehind() {
          return isBehind;
        },
        add: (chunks) => begun.add(chunks),
        finish: (chunks) => begun.finish(chunks),
        drop: () => begun.drop(),
      };
    },
  };
  const one = world.instance({
    encoder,
    options: LONG_BATCHES,
  });
  const running = one.run();
  world.insert(2);
  await world.clock.until(() => one.current !== undefined && one.current.openBatchBytes() > 0);
  const bytes = one.current!.openBatchBytes();
  world.insert(2);
  await world.clock.advance(30_000);
  assert.equal(one.current!.openBatchBytes(), bytes);
  isBehind = false;
  goOn();
  await world.clock.settle();
  assert.equal(one.current!.openBatchBytes(), 2 * bytes);
  await stop(one, running);
});

Deno.test("StreamRun drops what it has begun to encode when it ends without storing it", async () => {
  const world = new LakeWorld();
  const inner = createInlineEncoder(world.clock);
  const calls: string[] = [];
  const encoder: Encoder = {
    encode: (request) => inner.encode(request),
    begin: () => ({
      isBehind: false,
      add: () => calls.push("add"),
      finish: () => Promise.reject(new Error("nothing is to be finished")),
      drop: () => calls.push("drop"),
    }),
  };
  world.insert(40);
  const one = world.instance({
    encoder,
    options: LONG_BATCHES,
  });
  const running = one.run();
  await world.clock.until(() => calls.includes("add"));
  assert.equal(calls.includes("drop"), false);
  one.lease.lose();
  await assert.rejects(one.world.clock.finish(running));
  assert.equal(calls.at(-1), "drop");
  assert.equal(one.context.budget.usedBytes, 0);
});

async function stop(one: Instance, running: Promise<unknown>): Promise<void> {
  one.stop();
  await one.world.clock.finish(running);
  assert.equal(one.context.budget.usedBytes, 0);
  await assertExactlyOnce(one.world);
}

/** An encoder that needs time, as one in a thread does. */
function slowEncoder(clock: VirtualClock): Encoder {
  const inner = createInlineEncoder(clock);
  return {
    async encode(request) {
      await sleep(clock, 100);
      return await inner.encode(request);
    },
  };
}
