/** An idle stream's journal follows the server, so that its position never ages out of the oplog. */
import assert from "node:assert/strict";
import { comparePositions } from "../../src/model/position.ts";
import { assertExactlyOnce } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, ORDERS } from "../support/lake_world.ts";

Deno.test("an idle stream appends a heartbeat at the high-water mark when its journal was silent for long", async () => {
  const { world, one, running } = await idle({ heartbeatMsMax: 60_000 }, 10_000);
  await passMinutes(world, 5);
  const beats = (await world.records()).filter((r) => r.kind === "heartbeat");
  assert.equal(beats.length, 5);
  for (const beat of beats) assert(comparePositions(beat.to, beat.from) > 0);
  // All that was before it is there, and it says so.
  assert.deepEqual(beats.map((beat) => beat.durableThrough), beats.map((beat) => beat.seq - 1));
  await stop(one, running);
  await assertExactlyOnce(world);
});

Deno.test("heartbeats come ten times within the oplog's window where that is short", async () => {
  const { world, one, running } = await idle({ heartbeatMsMax: 600_000 }, 100);
  await passMinutes(world, 2);
  const beats = (await world.records()).filter((r) => r.kind === "heartbeat");
  // A window of 100 s asks for one each 10 s, at first; then the window grows.
  assert(beats.length >= 5, `${beats.length} heartbeats`);
  await stop(one, running);
});

Deno.test("a quiet collection survives an oplog that moves on for long", async () => {
  const { world, one, running } = await idle({ heartbeatMsMax: 60_000 }, 600);
  for (let minute = 0; minute < 60; minute++) {
    await passMinutes(world, 1);
    // The oplog keeps ten minutes.
    const { t } = world.oplog.operationTime;
    world.oplog.truncateBefore({ t: t - 600, i: 0 });
  }
  await stop(one, running);
  world.insert(2);
  await world.instance().runToEnd();
  const last = (await world.records()).at(-2);
  assert.equal(last?.kind === "batch" && last.objects[0]?.rows, 2);
});

Deno.test("no heartbeat is appended while events come, nor twice for the same place", async () => {
  const { world, one, running } = await idle({ heartbeatMsMax: 10_000 }, 100_000);
  // Nothing moves on the server: there is no news.
  await world.clock.advance(120_000);
  assert.equal((await world.records()).length, 1);
  for (let second = 0; second < 60; second++) {
    world.insert(1);
    world.pass(1);
    await world.clock.advance(1000);
  }
  const kinds = new Set((await world.records()).slice(1).map((r) => r.kind));
  assert.deepEqual([...kinds], ["batch"]);
  await stop(one, running);
  await assertExactlyOnce(world);
});

interface Idle {
  readonly world: LakeWorld;
  readonly one: Instance;
  readonly running: Promise<void>;
}

/** A stream on a server whose oplog reaches back so many seconds, with nothing in it that is ours. */
async function idle(options: { heartbeatMsMax: number }, windowSeconds: number): Promise<Idle> {
  const world = new LakeWorld();
  world.pass(windowSeconds);
  const one = world.instance({
    stream: ORDERS,
    options: { ...options, startFrom: { kind: "now" } },
  });
  const running = one.run();
  await world.clock.until(() => one.eventsOf("source-opened").length > 0);
  return { world, one, running };
}

/** Time passes, and other collections are written to. */
async function passMinutes(world: LakeWorld, minutes: number): Promise<void> {
  for (let second = 0; second < minutes * 60; second += 10) {
    world.pass(10);
    world.insert(1, "others");
    await world.clock.advance(10_000);
  }
}

async function stop(one: Instance, running: Promise<void>): Promise<void> {
  one.stop();
  await one.world.clock.finish(running);
}
