import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import { errorMessage } from "../../src/model/errors.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import { streamKey, targetKey } from "../../src/model/stream.ts";
import { changeLayout } from "../../src/operate/change_layout.ts";
import { readLayouts } from "../../src/pipeline/layout/layout_streams.ts";
import type { OperatorParts } from "../../src/operate/operator_context.ts";
import type { Layouts } from "../../src/pipeline/ports.ts";
import type { MemoryChange } from "../../src/source/memory/memory_oplog.ts";
import type { SeededRandom } from "../support/seeded_random.ts";
import { POISON } from "./frail_encoder.ts";
import { TTL_MS } from "./sim_timing.ts";
import type { SimWorld } from "./sim_world.ts";
import type { Simulation } from "./simulation.ts";
import { NAMESPACES } from "./targets.ts";

/** Something that happens in a world, at a moment. */
export type Happening = (sim: Simulation) => void | Promise<void>;

/** Applications write. */
export function write(sim: Simulation): void {
  for (let n = 1 + sim.random.below(12); n > 0; n--) writeOne(sim);
}

function writeOne({ world, random }: Simulation): void {
  world.append(anyChange(world, random));
}

/** A change as applications make it. */
export function anyChange(world: SimWorld, random: SeededRandom): MemoryChange {
  const [database, collection] = random.pick(NAMESPACES);
  const number = world.nextNumber();
  const isNew = number < 5 || random.chance(0.6);
  const id = world.documentId(isNew ? number : 1 + random.below(number));
  const operation = isNew
    ? "insert" as const
    : random.pick(["update", "replace", "delete"] as const);
  const place = { operation, database, collection, id };
  return operation === "delete" ? place : { ...place, fullDocument: { number } };
}

/** Each is a thing of its own, so that a world can have it or not. */
export const HAPPENINGS: Readonly<Record<string, Happening>> = {
  drop({ world, random }) {
    const [database, collection] = random.pick(NAMESPACES);
    world.log.add("world", `drop ${database}.${collection}`);
    world.append({ operation: "drop", database, collection });
  },

  dropDatabase({ world, random }) {
    const [database] = random.pick(NAMESPACES);
    world.log.add("world", `dropDatabase ${database}`);
    const known = NAMESPACES.map((each) => each.join("."));
    const others = world.oplog.collections.filter((name) => !known.includes(name));
    for (const name of [...known, ...others].filter((each) => each.startsWith(`${database}.`))) {
      const collection = name.slice(database.length + 1);
      world.append({ operation: "drop", database, collection });
    }
    world.append({ operation: "dropDatabase", database });
  },

  /** An hour begins, or many. */
  nextHour({ world, random }) {
    world.oplog.advanceTo({ t: world.oplog.operationTime.t + random.below(9000), i: 1 });
  },

  unreadable({ world, random }) {
    const [database, collection] = random.pick(NAMESPACES);
    const unreadable = random.pick(["image-missing", "too-large"] as const);
    const id = world.documentId(world.nextNumber());
    world.log.add("world", `${unreadable} in ${database}.${collection}`);
    world.append({ operation: "update", database, collection, id, unreadable });
  },

  poison({ world, random, features }) {
    // Nothing but its event goes to the dead letters: a document that no encoder survives keeps its range from going on.
    if (features.snapshots) return;
    const [database, collection] = random.pick(NAMESPACES);
    const id = world.documentId(world.nextNumber());
    world.log.add("world", `poison in ${database}.${collection}`);
    world.append({ operation: "insert", database, collection, id, fullDocument: { a: POISON } });
  },

  /** The oplog loses its oldest entries; those that somebody still needs only where that is allowed. */
  async truncate(sim) {
    const { world, random } = sim;
    const { oplog } = world;
    // No record can tell what is missing of a collection that nobody has begun yet, nor what a copy still needs.
    const { watch, copies } = sim.features;
    if (oplog.entries.length === 0 || watch !== "usual" || copies) return;
    const { time } = random.pick(oplog.entries);
    if (!sim.isLossAllowed && !await isSpare(sim, time)) return;
    world.log.add("world", `truncate before ${time.t}.${time.i}`);
    oplog.truncateBefore(time);
  },

  elect({ world }) {
    world.log.add("world", "election");
    world.elect();
  },

  fallBehind({ world, random }) {
    if (world.isBehind) return world.catchUp();
    world.log.add("world", "the server falls behind");
    world.fallBehind(random.below(10));
  },

  crash(sim) {
    const one = pickInstance(sim);
    if (one === undefined) return;
    sim.world.log.add(one.name, "is killed");
    one.kill();
  },

  stop(sim) {
    const one = pickInstance(sim);
    if (one !== undefined && !one.clock.isPaused) one.stop();
  },

  join(sim) {
    if (sim.living().length < sim.instancesWanted + 1) sim.start();
  },

  pause(sim) {
    const one = pickInstance(sim);
    if (one === undefined || one.clock.isPaused) return;
    const kind = sim.random.pick(["stopped", "suspended"] as const);
    const ms = sim.random.pick([1000, TTL_MS / 2, TTL_MS, TTL_MS * 2]) *
      (0.5 + sim.random.fraction());
    sim.world.log.add(one.name, `is ${kind} for ${ms.toFixed(0)} ms`);
    one.clock.pause(kind);
    sim.world.clock.after(ms, () => {
      sim.world.log.add(one.name, "goes on");
      one.clock.resume();
    });
  },

  stepWall(sim) {
    const one = pickInstance(sim);
    if (one === undefined) return;
    const ms = sim.random.below(60_000) - 30_000;
    sim.world.log.add(one.name, `wall clock steps ${ms} ms`);
    one.stepWall(ms);
  },

  /** One instance loses a service for a while. */
  cut(sim) {
    const one = pickInstance(sim);
    if (one === undefined) return;
    const service = sim.random.pick(sim.world.services);
    const ms = sim.random.below(TTL_MS * 2);
    sim.world.log.add(one.name, `loses ${service} for ${ms} ms`);
    one.weather.cuts.add(service);
    sim.world.clock.after(ms, () => void one.weather.cuts.delete(service));
  },

  /** Answers to one instance become slow, then nothing it says is heard for a while; its clock may be set meanwhile. */
  strand(sim) {
    const one = pickInstance(sim);
    if (one === undefined) return;
    const { world, random } = sim;
    const { slowness, mute } = one.weather;
    const service = random.chance(0.6) ? "redis" : random.pick(world.services);
    const slowMs = 1000 + random.below(4500);
    world.log.add(one.name, `waits ${slowMs} ms for ${service}`);
    slowness.set(service, slowMs);
    world.clock.after(2000 + random.below(8000), () => {
      if (one.weather.isCalm) return;
      world.log.add(one.name, `is not heard by ${service} for a while`);
      mute.add(service);
      world.clock.after(TTL_MS * 1.7, () => {
        slowness.delete(service);
        mute.delete(service);
      });
      if (random.chance(0.5)) one.stepWall(-random.below(60_000));
    });
  },

  /** Somebody's next record arrives when its writer has long given up on it. */
  ghost(sim) {
    const one = pickInstance(sim);
    if (one === undefined) return;
    sim.world.log.add(one.name, "writes a record that comes late");
    one.weather.haunt();
    write(sim);
    for (const ms of [700, 1500, 2300]) sim.world.clock.after(ms, () => write(sim));
  },

  /** All lose a service for a while. */
  outage({ world, random }) {
    const service = random.pick(world.services);
    const ms = random.below(TTL_MS * 2);
    world.log.add("world", `${service} is down for ${ms} ms`);
    world.outages.add(service);
    world.clock.after(ms, () => void world.outages.delete(service));
  },

  forget({ world }) {
    world.log.add("world", "Redis is restarted empty");
    world.flushRedis();
  },

  async deleteLease({ world, random }) {
    const held = await world.redis.leases.list();
    if (held.length === 0) return;
    const { stream } = random.pick(held);
    world.log.add("world", `the lease of ${stream} is deleted`);
    world.forgive();
    await world.redis.leases.releaseAny(stream);
  },

  changeSettings(sim) {
    sim.changeSettings();
  },

  /** Somebody divides a collection anew, sometimes dying on the way, sometimes two at once. */
  async divide(sim) {
    const { world, random, targets } = sim;
    if (targets.collections.length === 0 || world.isBehind || !sim.mayDivide) return;
    const collection = random.pick(targets.collections);
    const layouts = await readLayouts(world.layouts, targetKey(collection));
    if (layouts.length >= LAYOUTS_MAX) return;
    const wishes = random.chance(0.2) ? [1 + random.below(4), 1 + random.below(4)] : [
      1 + random.below(4),
    ];
    await Promise.all(wishes.map((of) => changeAsOperator(sim, collection, of)));
  },
};

/** A collection is divided anew so often at most. */
export const LAYOUTS_MAX = 3;

/** Whether nobody has to read again what is older. */
async function isSpare(sim: Simulation, time: ClusterTime): Promise<boolean> {
  const streams = await sim.streams();
  return streams.every((stream) => {
    const records = sim.world.inspector.journals.get(streamKey(stream))?.records;
    const last = records?.at(-1);
    if (records === undefined || last === undefined) return false;
    const oldest = records[Math.min(last.seq, last.durableThrough + 1)]!;
    return compareClusterTimes(time, oldest.from.operationTime) <= 0;
  });
}

export async function changeAsOperator(
  sim: Simulation,
  collection: CollectionStream,
  of: number,
  random = sim.random,
): Promise<void> {
  const { world } = sim;
  const target = targetKey(collection);
  const dies = random.chance(0.3);
  const layouts: Layouts = {
    ...world.layouts,
    async putIntent(_, intent) {
      const counts = await world.layouts.putIntent(target, intent);
      const key = `_tributary/layout/${target}/${intent.epoch}.intent.json`;
      world.inspector.created(key, (await world.lake.get(key))!);
      return counts;
    },
    async put(_, layout) {
      if (dies) throw new Error("the operator died");
      const counts = await world.layouts.put(target, layout);
      const key = `_tributary/layout/${target}/${layout.epoch}.json`;
      world.inspector.created(key, (await world.lake.get(key))!);
      return counts;
    },
  };
  const { journal, source } = world;
  const { signal } = new AbortController();
  const parts = { journal, layouts, source, signal } as unknown as OperatorParts;
  // What is refused changes nothing; what is begun, the streams complete.
  const outcome = await changeLayout(parts, collection, of)
    .then(({ epoch }) => `epoch ${epoch}`, errorMessage);
  world.log.add("world", `${target} is to have ${of} partitions: ${outcome}`);
}

function pickInstance(sim: Simulation) {
  const living = sim.living();
  return living.length === 0 ? undefined : sim.random.pick(living);
}
