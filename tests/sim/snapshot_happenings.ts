import { covers } from "./latest_state.ts";
import type { Simulation } from "./simulation.ts";
import { NAMESPACES } from "./targets.ts";

/** Documents that are there before anybody starts, in each collection at most. */
const FILLED_MAX = 25;
const CHANGES_MAX = 8;

const ENTRIES_BEHIND_MAX = 80;
const BEHIND_MS_MAX = 6000;

const LATE_MS_MAX = [800, 4000, 15_000] as const;

/** Before anybody starts. */
export function fillCollections(sim: Simulation): void {
  const { world, world: { emptiness }, snapshotting } = sim;
  const isSparse = emptiness.chance(0.5);
  for (const [database, collection] of NAMESPACES) {
    const count = snapshotting.below(FILLED_MAX);
    if (isSparse && emptiness.chance(0.6)) continue;
    for (let n = count; n > 0; n--) insert(sim, database, collection);
  }
  world.log.add("world", `${world.documents.entries.length} documents are there`);
}

/** Documents that snapshots read are changed, and others come. */
export function changeDocuments(sim: Simulation): void {
  const { world, snapshotting: random } = sim;
  const streams = [...sim.targets.whole, ...sim.targets.collections];
  const collections = [...world.documents.at(world.oplog.operationTime)].filter(([name]) =>
    streams.some((stream) => covers(stream, name))
  );
  for (let n = 1 + random.below(CHANGES_MAX); n > 0 && collections.length > 0; n--) {
    const [name, { documents }] = random.pick(collections);
    const dot = name.indexOf(".");
    const place = { database: name.slice(0, dot), collection: name.slice(dot + 1) };
    if (documents.size === 0 || random.chance(0.3)) {
      insert(sim, place.database, place.collection);
      continue;
    }
    const id = random.pick([...documents.values()])["_id"];
    const number = world.nextNumber();
    world.append(
      random.chance(0.4)
        ? { operation: "delete", ...place, id }
        : { operation: "replace", ...place, id, fullDocument: { number } },
    );
  }
}

/** An object of a chunk comes when its writer has given up on it, or is the last thing that a copy does. */
export function troubleChunk(sim: Simulation): void {
  const { world, snapshotting: random } = sim;
  const living = sim.living();
  if (living.length === 0) return;
  const one = random.pick(living);
  const kind = random.pick(["late", "late", "crash"] as const);
  world.log.add(one.name, `the next object of a chunk: ${kind}`);
  one.weather.chunkFault = kind === "late"
    ? { kind, lateMs: random.below(random.pick(LATE_MS_MAX)) }
    : { kind, when: random.pick(["before", "after"] as const) };
}

/** A collection takes the place of another one, with all its documents. */
export function renameOnto(sim: Simulation): void {
  const { world, snapshotting: random } = sim;
  const [database, to] = random.pick(NAMESPACES);
  const collection = `new-${world.nextNumber()}`;
  for (let n = random.below(CHANGES_MAX); n >= 0; n--) insert(sim, database, collection);
  world.log.add("world", `${database}.${collection} is now ${database}.${to}`);
  world.append({ operation: "rename", database, collection, to });
}

/** For a while a server answers that may not even know the collections. */
export function oldPrimary({ world, snapshotting }: Simulation): void {
  if (world.isBehind) return;
  world.log.add("world", "an old primary answers");
  world.fallBehind(snapshotting.below(ENTRIES_BEHIND_MAX));
  world.clock.after(snapshotting.below(BEHIND_MS_MAX), () => world.catchUp());
}

function insert({ world }: Simulation, database: string, collection: string): void {
  const number = world.nextNumber();
  const place = { database, collection, id: world.documentId(number) };
  world.append({ operation: "insert", ...place, fullDocument: { number } });
}
