/** What seldom happens together, and showed a fault once when it did. */
import { REFRESH_MS, RETRY_MS, TTL_MS } from "./sim_timing.ts";
import type { Simulation } from "./simulation.ts";

/** In this time all have learned that they have no leases, and have taken new ones. */
const RETAKEN_MS = REFRESH_MS + RETRY_MS + 1000;
/** In this time all have given up leases that were not refreshed. */
const OVERDUE_MS = TTL_MS * 0.93;
/** A release that is sent in that time comes when another TTL has passed, and somebody has joined. */
const RELEASE_LATE_MS = TTL_MS * 1.5;
const JOINED_MS = TTL_MS * 0.6;

const JAM_MS = 5000;
const FAILING_MS = 1000;

/** So long after the last event an open batch is cut. */
const QUIET_MS = 2500;

/** About as many batches as may wait for their objects, written at once; and what comes after them. */
const JAMMED_MIN = 15;
const JAMMED_SPAN = 6;
const NEXT = 5;
const NEXT_MS = JAM_MS - 1400;
const AFTER_MS = 2000;

/**
 * Redis forgets twice, so that all leases are of the first generation, and those that are taken after that are of it again.
 * In between no lease is refreshed; what is sent to give it back comes when others know again who holds what, and when
 * somebody has joined who is to have a share.
 */
export async function forgetWhileReleasing(sim: Simulation): Promise<void> {
  const { world } = sim;
  if (world.shared !== undefined) return;
  world.log.add("world", "Redis is restarted empty, and soon again");
  world.flushRedis();
  await sim.pass(RETAKEN_MS);
  const weathers = sim.living().map(({ weather }) => weather);
  for (const each of weathers) each.lateReleaseMs = RELEASE_LATE_MS;
  await sim.pass(OVERDUE_MS);
  world.log.add("world", "Redis is restarted empty, and releases are on their way");
  for (const each of weathers) each.lateReleaseMs = undefined;
  world.flushRedis();
  await sim.pass(TTL_MS);
  // Who has lost a lease by that is not told by the next refresh.
  for (const each of weathers) each.lateReleaseMs = RELEASE_LATE_MS;
  sim.start();
  await sim.pass(JOINED_MS);
  for (const each of weathers) each.lateReleaseMs = undefined;
}

/** All objects fail at once, while the batch after the last that may wait for its objects looks for its stream's end. */
export async function jam(sim: Simulation): Promise<void> {
  const { world, meeting, targets } = sim;
  await sim.pass(QUIET_MS);
  world.log.add("world", `objects wait for ${JAM_MS} ms, and fail`);
  const untilMs = world.clock.monotonicMs() + JAM_MS;
  for (const { weather } of sim.living()) {
    weather.jam = { untilMs };
    // What waited for its turn fails, too.
    world.clock.after(JAM_MS + FAILING_MS, () => weather.jam = undefined);
  }
  insert(sim, (JAMMED_MIN + meeting.below(JAMMED_SPAN)) * targets.partitions);
  await sim.pass(NEXT_MS);
  insert(sim, NEXT * targets.partitions);
  await sim.pass(JAM_MS - NEXT_MS + AFTER_MS);
}

/** A copy wakes when the others are about to take it for dead, and takes its streams again at once. */
export function sleepUntilBuried(sim: Simulation): void {
  const { world, mixing } = sim;
  const awake = sim.living().filter(({ clock }) => !clock.isPaused);
  if (world.shared === undefined || awake.length < 2) return;
  const one = mixing.pick(awake);
  const ms = TTL_MS * (0.9 + 0.3 * mixing.fraction());
  world.log.add(one.name, `sleeps for ${ms.toFixed(0)} ms`);
  one.clock.pause("suspended");
  world.clock.after(ms, () => one.clock.resume());
}

/** Into a collection that is watched in all worlds that have this. */
function insert({ world }: Simulation, count: number): void {
  for (let n = count; n > 0; n--) {
    const number = world.nextNumber();
    const place = { database: "shop", collection: "orders", id: world.documentId(number) };
    world.append({ operation: "insert", ...place, fullDocument: { number } });
  }
}
