/** What goes wrong at the moment at which a collection is divided anew. */
import type { CollectionStream } from "../../src/model/layout.ts";
import { targetKey } from "../../src/model/stream.ts";
import { readLayouts } from "../../src/pipeline/layout/layout_streams.ts";
import { changeAsOperator, LAYOUTS_MAX } from "./happenings.ts";
import type { Simulation } from "./simulation.ts";

/** Changes before and after, at most. */
const CHANGES_MAX = 12;
/** In this time what was written before is read, and some of it stored. */
const STORED_MS_MAX = 3000;
const BEHIND_MS_MAX = 5000;
const ENTRIES_BEHIND_MAX = 10;
const LOST_MS_MAX = 9000;

/** Divides a collection while the server lags, cannot give what is behind the barrier, or loses what is before it. */
export async function divideInTrouble(sim: Simulation): Promise<void> {
  const { world, mixing, targets } = sim;
  if (targets.collections.length === 0 || world.isBehind) return;
  const collection = mixing.pick(targets.collections);
  if ((await readLayouts(world.layouts, targetKey(collection))).length >= LAYOUTS_MAX) return;
  const trouble = mixing.pick(sim.isLossAllowed ? [lag, spoil, lose] : [lag, spoil]);
  writeTo(sim, collection);
  await sim.pass(mixing.below(STORED_MS_MAX));
  await trouble(sim, collection);
}

type Trouble = (sim: Simulation, collection: CollectionStream) => Promise<void>;

const divide: Trouble = (sim, collection) =>
  changeAsOperator(sim, collection, 1 + sim.mixing.below(4), sim.mixing);

const lag: Trouble = async (sim, collection) => {
  const { world, mixing } = sim;
  world.log.add("world", "the server falls behind, and a collection is divided");
  world.fallBehind(mixing.below(ENTRIES_BEHIND_MAX));
  world.clock.after(mixing.below(BEHIND_MS_MAX), () => world.catchUp());
  await divide(sim, collection);
};

const spoil: Trouble = async (sim, collection) => {
  const { world } = sim;
  await divide(sim, collection);
  const { database, collection: name } = collection;
  const id = world.documentId(world.nextNumber());
  world.log.add("world", `too large an event in ${database}.${name}, behind the barrier`);
  world.append({ operation: "update", database, collection: name, id, unreadable: "too-large" });
  writeTo(sim, collection);
};

/** Nobody runs until the oplog has lost more than what is before the barrier. */
const lose: Trouble = async (sim, collection) => {
  const { world, mixing } = sim;
  for (const each of sim.living()) each.kill();
  await divide(sim, collection);
  writeTo(sim, collection);
  await sim.pass(mixing.below(LOST_MS_MAX));
  const { time } = world.oplog.entries.at(-1 - mixing.below(CHANGES_MAX))!;
  world.log.add("world", `truncate before ${time.t}.${time.i}, which is behind a barrier`);
  world.oplog.truncateBefore(time);
};

function writeTo({ world, mixing }: Simulation, place: CollectionStream): void {
  const { database, collection } = place;
  for (let n = 1 + mixing.below(CHANGES_MAX); n > 0; n--) {
    const number = world.nextNumber();
    const id = world.documentId(number);
    world.append({ operation: "insert", database, collection, id, fullDocument: { number } });
  }
}
