import assert from "node:assert/strict";
import { HistoryLostError, PermanentError } from "../../../src/model/errors.ts";
import { comparePositions, positionAfterToken, positionAt } from "../../../src/model/position.ts";
import type { Source } from "../../../src/pipeline/stages.ts";
import {
  openEarliest,
  resolveStart,
  type StartFrom,
} from "../../../src/pipeline/start_position.ts";
import { createMemorySource } from "../../../src/source/memory_source.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST } from "../../support/lake_world.ts";

const NEVER = new AbortController().signal;

Deno.test("resolveStart takes now as after all that has happened, and the source opens there at once", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const { context } = world.instance();
  const start = await resolve(world, { kind: "now" });
  const last = world.oplog.entries.at(-1)!;
  assert(comparePositions(start, positionAfterToken(last.data)) > 0);
  const request = { stream: context.stream, from: start, settings: context.settings };
  const cursor = await context.source.open({ ...request, images: "as-set" }, NEVER);
  world.insert(1);
  const reply = await cursor.next(10);
  assert.equal(reply.starts.length, 1);
  await cursor.close();
});

Deno.test("resolveStart takes earliest as the oldest entry that can be opened", async () => {
  const world = new LakeWorld();
  world.insert(3);
  world.oplog.truncateBefore(world.oplog.entries[1]!.time);
  assert.deepEqual(
    await resolve(world, { kind: "earliest" }),
    positionAt({ t: OPLOG_SECONDS_FIRST, i: 3 }),
  );
});

Deno.test("resolveStart takes a time as the beginning of its second, and refuses the future", async () => {
  const world = new LakeWorld();
  world.pass(100);
  const seconds = OPLOG_SECONDS_FIRST + 50;
  assert.deepEqual(
    await resolve(world, { kind: "time", seconds }),
    positionAt({ t: seconds, i: 1 }),
  );
  await assert.rejects(
    resolve(world, { kind: "time", seconds: seconds + 51 }),
    (e) =>
      e instanceof PermanentError &&
      /START_FROM 2026-11-20T17:01:41.000Z: the server's last operation is of 2026-11-20T17:01:40/
        .test(e.message),
  );
});

Deno.test("resolveStart takes a resume token as it is, and refuses what is none", async () => {
  const world = new LakeWorld();
  world.insert(1);
  const { data } = world.oplog.entries[0]!;
  assert.deepEqual(await resolve(world, { kind: "token", data }), positionAfterToken(data));
  await assert.rejects(resolve(world, { kind: "token", data: "0163" }), PermanentError);
});

Deno.test("openEarliest tries the next oldest entry while the oplog moves on, three times", async () => {
  for (const losses of [3, 4]) {
    const world = new LakeWorld();
    world.insert(10);
    let left = losses;
    const source = losingSource(world, () => left-- > 0);
    const opening = openEarliest(world.instance({ source }).context, NEVER);
    if (losses === 4) {
      await assert.rejects(opening, HistoryLostError);
      continue;
    }
    assert.deepEqual(await opening, positionAt(world.oplog.entries[0]!.time));
    assert.equal(world.oplog.entries.length, 8);
  }
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
  const opening = openEarliest(world.instance({ source }).context, NEVER);
  await assert.rejects(opening, /may not read local.oplog.rs, or the server is a mongos; grant it/);
});

async function resolve(world: LakeWorld, startFrom: StartFrom) {
  return await resolveStart(world.instance({ options: { startFrom } }).context, NEVER);
}

/** A source whose oplog loses its oldest entry just before it is opened. */
function losingSource(world: LakeWorld, loses: () => boolean): Source {
  const inner = createMemorySource({ oplog: world.oplog, clock: world.clock });
  return {
    describe: (signal) => inner.describe(signal),
    open(request, signal) {
      const { entries, oldestTime } = world.oplog;
      const next = entries.find((e) => e.time.i > oldestTime.i)!;
      if (loses()) world.oplog.truncateBefore({ t: next.time.t, i: next.time.i });
      return inner.open(request, signal);
    },
  };
}
