import assert from "node:assert/strict";
import { streamKey } from "../../src/model/stream.ts";
import { featureHappenings, opening } from "./feature_happenings.ts";
import { HAPPENINGS, write } from "./happenings.ts";
import { settleCopy } from "./lake_copy.ts";
import { assertLake, laggards } from "./lake_rules.ts";
import { settleTargets } from "./retiring.ts";
import { LOOK_MS, REFRESH_MS, RETRY_MS, TTL_MS } from "./sim_timing.ts";
import { Simulation } from "./simulation.ts";

/** How a run ended. */
export interface SeedOutcome {
  /** The same for the same course of events. */
  readonly digest: string;
  readonly failure: Error | undefined;
  readonly records: number;
  /** The most streams that were seen to share a change stream. */
  readonly sharersMax: number;
  /** Snapshots that were complete. */
  readonly snapshots: number;
}

const MOMENTS = 45;
const MOMENT_MS_MAX = 3000;

/** After faults stop everything must be well again after so long. */
const RECOVERY_MS = 90_000;

/** The longest time that a coordinator leaves a failed stream alone. */
const FAILED_MS_MAX = 120_000;

/** The longest way of a message that was late. */
const LATE_MS_MAX = 20_000;

/** How soon a program that ended is started again. */
const RESTART_MS = 1000;

/** Runs the world of one seed; `print` is given what happens, line by line. */
export async function runSeed(
  seed: number,
  print?: (line: string) => void,
): Promise<SeedOutcome> {
  const sim = new Simulation(seed, print);
  const { world } = sim;
  const rejected = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    world.fail(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", rejected);
  try {
    await live(sim);
    if (world.failure === undefined) await recover(sim);
    if (world.failure === undefined) await drain(sim);
  } catch (error) {
    world.fail(error);
  } finally {
    for (const each of sim.instances) each.kill();
    sim.copy?.instance.kill();
    await world.clock.settle();
    globalThis.removeEventListener("unhandledrejection", rejected);
  }
  const records = [...world.inspector.journals.values()].reduce((n, j) => n + j.records.length, 0);
  const { sharersMax } = sim;
  const snapshots = world.inspector.ranges.ends.size;
  return { digest: world.log.digest, failure: world.failure, records, sharersMax, snapshots };
}

/** A time in which anything can happen that this world has. */
async function live(sim: Simulation): Promise<void> {
  const { random, world } = sim;
  // Few things often, or many things seldom: what goes together by chance is another one in each world.
  const part = random.pick([0.15, 0.3, 0.6]);
  const happenings = Object.values(HAPPENINGS).filter(() => random.chance(part));
  write(sim);
  await opening(sim);
  for (let moment = 0; moment < MOMENTS && world.failure === undefined; moment++) {
    while (sim.living().length < sim.instancesWanted && random.chance(0.7)) sim.start();
    if (random.chance(0.7)) write(sim);
    if (happenings.length > 0 && random.chance(0.6)) await random.pick(happenings)(sim);
    for (const each of featureHappenings(sim, moment)) await each(sim);
    await sim.tables?.moment();
    world.oplog.advanceTo({ t: world.oplog.operationTime.t + 1, i: 1 });
    await sim.pass(random.below(MOMENT_MS_MAX));
  }
}

/** Faults stop: every stream is owned soon, and has soon caught up. */
async function recover(sim: Simulation): Promise<void> {
  const { world } = sim;
  world.log.add("world", "faults stop");
  if (world.isBehind) world.catchUp();
  world.server.calm();
  world.outages.clear();
  if (world.shared !== undefined) world.shared.isCalm = true;
  for (const each of sim.living()) {
    each.clock.resume();
    each.weather.cuts.clear();
    each.weather.mute.clear();
    each.weather.slowness.clear();
    each.weather.isCalm = true;
  }
  sim.chooseSelection();
  sim.living().filter((each) => each.isStopping).forEach((each) => each.kill());
  for (const key of await world.redis.orders.paused()) await world.redis.orders.resume(key);
  write(sim);
  await passKeeping(sim, TTL_MS * 1.1 + RETRY_MS + LOOK_MS);
  // What failed for good (as it seemed) is left alone longer and longer.
  if (world.sawPermanent) await passKeeping(sim, FAILED_MS_MAX);
  if (world.failure !== undefined) return;
  await assertOwned(sim);
  const endMs = world.clock.monotonicMs() + RECOVERY_MS;
  while (world.failure === undefined) {
    const behind = await laggards(sim, world);
    const unsettled = await sim.unsettled();
    // What a person has begun and left, a person may have to complete.
    const isDone = await settleTargets(sim);
    const due = world.inspector.ranges.unfinished();
    if (behind.length + unsettled.length + due.length === 0 && isDone) break;
    if (world.clock.monotonicMs() >= endMs) {
      throw new Error(
        behind.length > 0
          ? `${behind} do not catch up`
          : unsettled.length > 0
          ? `the layout of ${unsettled} waits`
          : due.length > 0
          ? `the snapshot ${due} is not complete`
          : "what was retired does not end",
      );
    }
    // A barrier is passed by the server's no-op entries, too.
    world.oplog.advanceTo({ t: world.oplog.operationTime.t + 1, i: 1 });
    await passKeeping(sim, 1000);
  }
  await passKeeping(sim, LATE_MS_MAX);
  // What arrived late is a claim that nobody runs, until it is seen as one.
  if (world.shared !== undefined) await passKeeping(sim, 3 * TTL_MS);
}

/** Lets time pass; whoever ends is started again, as whatever runs a program does. */
async function passKeeping(sim: Simulation, ms: number): Promise<void> {
  const endMs = sim.world.clock.monotonicMs() + ms;
  while (sim.world.failure === undefined) {
    while (sim.living().length < sim.instancesWanted) sim.start().weather.isCalm = true;
    const leftMs = Math.ceil(endMs - sim.world.clock.monotonicMs());
    if (leftMs <= 0) return;
    await sim.tables?.linger();
    await sim.pass(Math.min(leftMs, RESTART_MS));
  }
}

async function assertOwned(sim: Simulation): Promise<void> {
  if (sim.targets.isApart === true) return;
  const look = async () => {
    const held = new Set((await sim.world.redis.leases.list()).map(({ stream }) => stream));
    return (await sim.streams()).map(streamKey).filter((key) => !held.has(key));
  };
  let free = await look();
  // Where each question costs money, a stream that changes hands just now is free for two of them.
  for (let polls = 0; free.length > 0 && sim.world.shared !== undefined && polls < 2; polls++) {
    await passKeeping(sim, REFRESH_MS / 2);
    free = await look();
  }
  assert.deepEqual(free, [], "nobody owns these streams");
}

/** All are told to stop: nothing is left to do for anybody. */
async function drain(sim: Simulation): Promise<void> {
  const { world } = sim;
  const living = [...sim.living()];
  for (const each of living) each.stop();
  for (let second = 0; second < 30; second++) {
    if (living.every((each) => each.isEnded) || world.failure !== undefined) break;
    await sim.pass(1000);
  }
  if (world.failure !== undefined) return;
  for (const { name, isEnded, budget, encoder, clock } of living) {
    assert(isEnded, `${name} does not stop`);
    assert.equal(encoder.begunCount, 0, `${name} keeps places at its encoder`);
    assert.equal(budget.usedBytes, 0, `${name} keeps bytes of the budget`);
    assert.equal(clock.timerCount, 0, `${name} leaves timers`);
  }
  assert.deepEqual(await world.redis.leases.list(), [], "leases are left");
  assert.deepEqual(await world.redis.members.list(), [], "members are left");
  await assertLake(sim, world);
  await sim.tables?.assertWhole();
  await settleCopy(sim);
}
