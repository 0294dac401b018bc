import assert from "node:assert/strict";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { assertCaughtUp, assertLake, laggards } from "./lake_rules.ts";
import { SimInstance } from "./sim_instance.ts";
import { SimWorld } from "./sim_world.ts";
import type { Simulation } from "./simulation.ts";

/** How a copy of a lake comes to be. `tail-lost`: whole, but for the last records of a stream. */
type CopyKind = "journals-first" | "data-first" | "tail-lost";

/** So much happens between the two halves of a copy. */
const COPY_MS_MAX = 15_000;

/** So many records of a stream are lost at most. */
const LOST_MAX = 4;

/** A copy has caught up after so long. */
const CATCH_UP_MS = 90_000;

/** Begins to copy the lake; when that is done, an instance runs on the copy, while the original goes on. */
export async function copyLake(sim: Simulation): Promise<void> {
  const { world, extra } = sim;
  const kind = extra.pick<CopyKind>(["journals-first", "data-first", "tail-lost"]);
  world.log.add("world", `the lake is copied: ${kind}`);
  const isFirst = (key: string) => isJournal(key) === (kind !== "data-first");
  const found = await read(world.lake, kind === "tail-lost" ? () => true : isFirst);
  if (kind === "tail-lost") return await begin(sim, kind, withoutTail(sim, found));
  world.clock.after(extra.below(COPY_MS_MAX), () => {
    read(world.lake, (key) => !isFirst(key))
      .then((others) => begin(sim, kind, new Map([...found, ...others])))
      .catch((error: unknown) => world.fail(error));
  });
}

/** The copy goes on until it has all that the original has, and is as whole as its journals say. */
export async function settleCopy(sim: Simulation): Promise<void> {
  const { copy, world } = sim;
  if (copy === undefined) return;
  // It may have ended while the server was behind.
  if (copy.instance.isEnded) copy.instance = runOn(sim, copy.world);
  const endMs = world.clock.monotonicMs() + CATCH_UP_MS;
  while ((await laggards(sim, copy.world)).length > 0) {
    if (world.failure !== undefined) return;
    if (world.clock.monotonicMs() >= endMs) return await assertCaughtUp(sim, copy.world);
    world.oplog.advanceTo({ t: world.oplog.operationTime.t + 1, i: 1 });
    await sim.pass(1000);
  }
  copy.instance.stop();
  for (let second = 0; second < 30 && !copy.instance.isEnded; second++) await sim.pass(1000);
  assert(copy.instance.isEnded, "the instance on the copy does not stop");
  await sim.tables?.deleteOnCopy();
  await assertLake(sim, copy.world);
}

/** A copy, and who runs on it. */
export interface LakeCopy {
  readonly world: SimWorld;
  instance: SimInstance;
}

function runOn(sim: Simulation, copy: SimWorld): SimInstance {
  copy.refused.clear();
  const instance = new SimInstance(copy, sim.instanceChoice(`copy${sim.extra.below(100)}`));
  instance.weather.isCalm = true;
  return instance;
}

async function begin(
  sim: Simulation,
  kind: CopyKind,
  objects: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const { world, extra } = sim;
  const copy = new SimWorld({ of: world, random: extra });
  for (const [key, bytes] of objects) await copy.lake.putIfAbsent(key, bytes);
  for (const [key, bytes] of world.deleted) if (!objects.has(key)) copy.deleted.set(key, bytes);
  copy.inspector.takeOver(new Map([...copy.deleted, ...objects]));
  await sim.tables?.copyTo(copy);
  if (kind === "tail-lost" && extra.chance(0.5)) {
    for (const [key, state] of await world.redis.state.list()) {
      await copy.redis.state.save(key, state);
    }
  }
  sim.copy = { world: copy, instance: runOn(sim, copy) };
}

async function read(
  lake: MemoryDestination,
  isWanted: (key: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const key of await lake.list("", { limit: Infinity })) {
    if (isWanted(key)) found.set(key, (await lake.get(key))!);
  }
  return found;
}

function isJournal(key: string): boolean {
  return key.startsWith("_tributary/") && !key.startsWith("_tributary/dead-letter/");
}

/** The store has lost the last records of a stream, though not all of them. */
function withoutTail(
  { extra, world }: Simulation,
  objects: ReadonlyMap<string, Uint8Array>,
): Map<string, Uint8Array> {
  const kept = new Map(objects);
  const streams = [...world.inspector.journals.keys()].sort();
  if (streams.length === 0) return kept;
  const folder = `_tributary/streams/${extra.pick(streams)}/`;
  const records = [...objects.keys()].filter((key) => key.startsWith(folder)).sort();
  const lost = Math.min(1 + extra.below(LOST_MAX), records.length - 1);
  for (const key of records.slice(records.length - lost)) kept.delete(key);
  world.log.add("world", `the copy lacks the last ${lost} of ${folder}`);
  return kept;
}
