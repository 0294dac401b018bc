import assert from "node:assert/strict";
import {
  EncoderCrashError,
  HistoryLostError,
  PermanentError,
  TransientError,
} from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { StreamRun } from "../../../../src/pipeline/run/stream_run.ts";
import { runStream } from "../../../../src/pipeline/run/run_stream.ts";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import { Limiter } from "../../../../src/support/flow/limited.ts";
import { assertExactlyOnce } from "../../../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../../../support/lake_world.ts";

Deno.test("runStream stores all that was read before the stop, and gives all memory back", async () => {
  const world = new LakeWorld();
  const one = world.instance({ options: { batchAgeMsMax: 60_000 } });
  const running = one.run();
  world.insert(3);
  await world.clock.until(() => one.isCaughtUp());
  // Too young and too small to be cut by itself.
  assert.equal((await world.records()).length, 1);
  one.stop();
  await world.clock.finish(running);
  const { stored } = await assertExactlyOnce(world);
  assert.equal(stored.length, 3);
  assert.equal(one.context.budget.usedBytes, 0);
  assert.equal(world.clock.timerCount, 0);
});

Deno.test("runStream stopped while it opens the journal ends without a word, and without waiting", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const error = new TransientError("503");
  one.outside.plan = ({ method }) => {
    if (method !== "putIfAbsent") return undefined;
    one.stop();
    return { kind: "error", when: "before", error };
  };
  await world.journal.putStart("collection.shop.orders", positionAt(world.oplog.operationTime));
  await world.clock.finish(one.run(), 0);
  assert.equal(one.outcome, "stopped");
  assert.equal(one.eventsOf("source-opened").length, 0);
});

Deno.test("runStream takes over its journal when it is its turn, and not at all where it is stopped before", async () => {
  const world = new LakeWorld();
  const openings = new Limiter(1);
  const [one, two, three] = [1, 2, 3].map(() => {
    const instance = world.instance();
    Object.assign(instance.context, { openings });
    return instance;
  }) as [Instance, Instance, Instance];
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ method }) =>
    method === "describe" ? { kind: "held", when: "before", until: held.promise } : undefined;
  const asked: string[] = [];
  for (const each of [two, three]) each.outside.plan = ({ method }) => void asked.push(method);
  const runs = [one, two, three].map((each) => each.run());
  await world.clock.settle();
  assert.deepEqual(asked, []);
  two.stop();
  await world.clock.finish(runs[1]!, 0);
  three.stop();
  held.resolve();
  await world.clock.finish(runs[2]!, 0);
  assert.deepEqual(asked, [], "nothing is begun after the stop");
  one.stop();
  await world.clock.finish(runs[0]!);
});

Deno.test("runStream finds a stream closed whose collection was divided anew, and fails with one that was retired", async () => {
  for (const isDivided of [true, false]) {
    const world = new LakeWorld();
    const first = world.instance();
    const running = first.run();
    world.insert(3);
    await world.clock.until(() => first.isCaughtUp());
    first.stop();
    await world.clock.finish(running);
    const last = (await world.records()).at(-1)!;
    const { v, writtenAt, owner, generation, durableThrough, settingsSeq, to } = last;
    await world.journal.append("collection.shop.orders", {
      ...{ v, writtenAt, owner, generation, durableThrough, settingsSeq, from: to, to },
      ...{ kind: "closed", seq: last.seq + 1, id: "closed", reason: "it was divided anew" },
    });
    const { layouts } = first.context;
    const intent = { epoch: 1, of: 2 };
    if (isDivided) {
      await layouts.putIntent("collection.shop.orders", intent);
      await layouts.put("collection.shop.orders", { ...intent, barrier: to });
    }
    const late = world.instance();
    const outcome = world.clock.finish(late.run());
    if (isDivided) {
      await outcome;
      assert.deepEqual(late.eventsOf("stream-closed").map(({ position }) => position), [to]);
    } else {
      await assert.rejects(outcome, PermanentError);
    }
  }
});

Deno.test("runStream does not hide lost history behind a stop", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  one.outside.plan = ({ method }) => {
    if (method === "describe") one.stop();
    const error = new HistoryLostError("gone");
    return method === "describe" ? { kind: "error", when: "before", error } : undefined;
  };
  await assert.rejects(world.clock.finish(one.run()), HistoryLostError);
});

Deno.test("runStream gives the run as soon as the server has accepted its position", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const held = Promise.withResolvers<void>();
  one.outside.plan = ({ method, args }) => {
    const isStreamOpen = method === "open" && args.length > 0 &&
      one.eventsOf("journal-opened").length > 0;
    return isStreamOpen ? { kind: "held", when: "before", until: held.promise } : undefined;
  };
  const runs: StreamRun[] = [];
  const { context, lease, stopping, suspicion } = one;
  const running = runStream(context, lease, stopping.signal, suspicion, (run) => runs.push(run));
  await world.clock.advance(5000);
  assert.equal(runs.length, 0);
  held.resolve();
  await world.clock.settle();
  assert.equal(runs.length, 1);
  one.stop();
  await world.clock.finish(running);
});

Deno.test("runStream remembers the batch on which the encoder died", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const inner = createInlineEncoder(world.clock);
  let crashes = 0;
  const encoder = {
    encode: (request: Parameters<typeof inner.encode>[0]) =>
      ++crashes === 1 ? Promise.reject(new EncoderCrashError("it died")) : inner.encode(request),
  };
  const one = world.instance({ encoder });
  await assert.rejects(world.clock.finish(one.run()), EncoderCrashError);
  const [genesis] = await world.records();
  assert.equal(one.suspicion.rowsMax(genesis!.to), 1);
  assert.equal(one.context.budget.usedBytes, 0);
});
