import { createObjectSnapshots } from "../../src/journal/object_snapshots.ts";
import { askedId, type SnapshotIntent, snapshotKey } from "../../src/model/snapshot.ts";
import { type Stream, streamKey } from "../../src/model/stream.ts";
import { isoTime } from "../../src/support/clock.ts";
import type { Happening } from "./happenings.ts";
import type { Simulation } from "./simulation.ts";
import { NAMESPACES } from "./targets.ts";

const PAUSED_MS_MAX = 20_000;

/** A person asks for a snapshot, wants no more of one that somebody has asked for, or pauses one for a while. */
export function orderSnapshot(sim: Simulation): void | Promise<void> {
  return sim.asking.pick([ask, ask, cancel, pause])(sim);
}

const ask: Happening = async (sim) => {
  const { asking: random, world, targets } = sim;
  const streams = [...targets.whole, ...sim.collections()];
  if (streams.length === 0) return;
  const stream = random.pick(streams);
  const records = world.inspector.journals.get(streamKey(stream))?.records ?? [];
  if (records.length === 0 || records.at(-1)!.kind === "closed") return;
  const target = random.chance(0.5) ? partOf(stream, random.pick(NAMESPACES)) : undefined;
  const { intents } = world.inspector.ranges;
  const free = [1, 2, 3].map((number) => askedId(target ?? stream, number))
    .find((id) => !intents.has(id));
  if (free === undefined) return;
  const intent: SnapshotIntent = {
    ...{ v: 1, id: free, reason: "asked", stream, writtenAt: isoTime(world.clock.wallMs()) },
    ...(target === undefined ? {} : { target }),
  };
  world.log.add("world", `somebody asks for ${free}`);
  await createObjectSnapshots(world.lake).putIntent(intent);
  await see(sim, `${free}.intent`);
  await world.redis.orders.note(snapshotKey(free));
};

/** Undefined where it is no part, or all. */
function partOf(stream: Stream, [database, collection]: readonly [string, string]) {
  if (stream.level !== "database" || stream.database !== database) return undefined;
  return { level: "collection", database, collection } as const;
}

const cancel: Happening = async (sim) => {
  const { asking, world } = sim;
  const open = world.inspector.ranges.unfinished().filter((id) => /\.asked-\d+$/.test(id));
  if (open.length === 0) return;
  const id = asking.pick(open);
  world.log.add("world", `${id} is cancelled`);
  const writtenAt = isoTime(world.clock.wallMs());
  await createObjectSnapshots(world.lake).putCancel({ v: 1, id, writtenAt });
  await see(sim, `${id}.cancelled`);
};

/** Shows what a person has written to the inspector, once. */
async function see({ world }: Simulation, name: string): Promise<void> {
  const key = `_tributary/snapshot/${name}.json`;
  world.inspector.created(key, (await world.lake.get(key))!);
}

const pause: Happening = async ({ asking, world }) => {
  const open = world.inspector.ranges.unfinished();
  if (open.length === 0) return;
  const key = snapshotKey(asking.pick(open));
  const ms = asking.below(PAUSED_MS_MAX);
  world.log.add("world", `${key} is paused for ${ms} ms`);
  await world.redis.orders.pause(key);
  world.clock.after(ms, () => void world.redis.orders.resume(key));
};
