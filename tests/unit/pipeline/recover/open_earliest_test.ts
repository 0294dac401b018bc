import assert from "node:assert/strict";
import { HistoryLostError } from "../../../../src/model/errors.ts";
import { type Position, positionAt } from "../../../../src/model/position.ts";
import { openEarliest } from "../../../../src/pipeline/recover/open_earliest.ts";
import type { Source } from "../../../../src/pipeline/ports.ts";
import { createMemorySource } from "../../../../src/source/memory/memory_source.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST } from "../../../support/lake_world.ts";

const NEVER = new AbortController().signal;

Deno.test("openEarliest is the oldest entry where that stays", async () => {
  const { world, source } = rolling(600, 0);
  assert.deepEqual(await find(world, source), positionAt(world.oplog.oldestTime));
});

Deno.test("openEarliest finds a position that lasts however fast the oplog rolls", async () => {
  for (const windowSeconds of [40, 600, 86_400]) {
    for (const step of [1, 2, 5]) {
      const { world, source } = rolling(windowSeconds, step);
      const { operationTime: { t } } = await find(world, source);
      const { oldestTime, operationTime } = world.oplog;
      assert.ok(t - oldestTime.t >= 2 * step, `${t - oldestTime.t} s are left at step ${step}`);
      assert.ok(t - oldestTime.t <= (operationTime.t - oldestTime.t) / 2 + 16 * step);
    }
  }
});

Deno.test("openEarliest begins further away from the end after what it found was lost", async () => {
  const { world, source } = rolling(600, 0);
  const oldest = world.oplog.oldestTime.t;
  const found = [];
  for (const losses of [0, 1, 2, 3, 4, 20]) {
    found.push((await find(world, source, losses)).operationTime.t - oldest);
  }
  assert.deepEqual(found, [0, 1, 2, 4, 8, 300]);
});

Deno.test("openEarliest finds the middle of an oplog that holds less than a second", async () => {
  const world = new LakeWorld();
  world.insert(20);
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const source: Source = {
    describe: (signal) => inner.describe(signal),
    open: (request, signal) => {
      world.insert(1);
      const { t, i } = world.oplog.oldestTime;
      world.oplog.truncateBefore({ t, i: i + 1 });
      return inner.open(request, signal);
    },
  };
  const { operationTime } = await find(world, source);
  assert.ok(operationTime.i > world.oplog.oldestTime.i);
});

Deno.test("openEarliest gives up where no position lasts", async () => {
  const world = new LakeWorld();
  world.pass(600);
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const lost = new HistoryLostError("the oldest entry is newer");
  let opened = 0;
  const source: Source = {
    describe: (signal) => inner.describe(signal),
    open: () => Promise.reject(++opened < 100 ? lost : new Error("for ever")),
  };
  await assert.rejects(find(world, source), lost);
});

Deno.test("openEarliest says what to do where the oplog cannot be seen", async () => {
  const world = new LakeWorld();
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const source: Source = {
    async describe(signal) {
      const { oldestOplogTime: _, ...rest } = await inner.describe(signal);
      return rest;
    },
    open: (request, signal) => inner.open(request, signal),
  };
  await assert.rejects(
    find(world, source),
    /may not read local.oplog.rs, or the server is a mongos; grant it/,
  );
});

/** A source whose oplog goes on by so many seconds at both ends with each question. */
function rolling(windowSeconds: number, step: number): { world: LakeWorld; source: Source } {
  const world = new LakeWorld();
  world.pass(windowSeconds);
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  const roll = () => {
    if (step === 0) return;
    world.pass(step);
    const { t } = world.oplog.oldestTime;
    world.oplog.truncateBefore({ t: t + step, i: 1 });
  };
  assert.equal(world.oplog.oldestTime.t, OPLOG_SECONDS_FIRST);
  return {
    world,
    source: {
      describe: (signal) => {
        roll();
        return inner.describe(signal);
      },
      open: (request, signal) => {
        roll();
        return inner.open(request, signal);
      },
    },
  };
}

async function find(world: LakeWorld, source: Source, losses = 0): Promise<Position> {
  const { context } = world.instance({ source });
  return await world.clock.finish(openEarliest(context, NEVER, losses));
}
