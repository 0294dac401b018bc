import { streamKey } from "../../src/model/stream.ts";
import type { SeededRandom } from "../support/seeded_random.ts";
import { POISON } from "./frail_encoder.ts";
import { type Happening, HAPPENINGS } from "./happenings.ts";
import type { Simulation } from "./simulation.ts";
import { SHARED_NAMES } from "./targets.ts";

/** A name that nobody watches: what is called so comes from those that are, and goes there. */
const UNWATCHED = "attic";

const MANY_MAX = 60;

/** As many as fill what may wait for members, written again and again to one whose records are slow. */
const FILL = 30;
const FILL_AT_MS = [0, 500, 1000, 1500, 2000, 2500, 3000, 3500];

/** What happens to collections that are read together. */
export async function shareHappening(sim: Simulation): Promise<void> {
  await pickHappening(sim.sharing)(sim);
}

function pickHappening(random: SeededRandom): Happening {
  const sort = random.below(20);
  if (sort < 8) return writeToAll;
  if (sort < 10) return writeMany;
  if (sort < 12) return rename;
  if (sort < 15) return burden;
  if (sort < 17) return breakOne;
  if (sort < 18) return ({ world }) => world.elect();
  if (sort < 19) return HAPPENINGS["dropDatabase"]!;
  return drop;
}

function insertInto({ world }: Simulation, collection: string, fields: object = {}): void {
  const number = world.nextNumber();
  const id = world.documentId(number);
  const fullDocument = { number, ...fields };
  world.append({ operation: "insert", database: "shop", collection, id, fullDocument });
}

function writeToAll(sim: Simulation): void {
  const { sharing } = sim;
  for (let n = 2 + sharing.below(20); n > 0; n--) {
    insertInto(sim, sharing.pick([...SHARED_NAMES, UNWATCHED]));
  }
}

function writeMany(sim: Simulation): void {
  const { sharing } = sim;
  const name = sharing.pick(SHARED_NAMES);
  for (let n = sharing.below(MANY_MAX); n > 0; n--) insertInto(sim, name);
}

/** Onto one that is read, or away from one. */
function rename({ world, sharing }: Simulation): void {
  const collection = sharing.pick([...SHARED_NAMES, UNWATCHED]);
  const to = sharing.pick([...SHARED_NAMES, UNWATCHED].filter((name) => name !== collection));
  world.log.add("world", `shop.${collection} is now shop.${to}`);
  world.append({ operation: "rename", database: "shop", collection, to });
}

function drop({ world, sharing }: Simulation): void {
  const collection = sharing.pick(SHARED_NAMES);
  world.log.add("world", `drop shop.${collection}`);
  world.append({ operation: "drop", database: "shop", collection });
}

/** The records of a stream come through slowly for a while, so that it holds up those it is read with. */
function burden(sim: Simulation): void {
  const { sharing, world } = sim;
  const groups = sim.living().flatMap((each) => each.readers())
    .filter(({ members }) => members.length > 1).flatMap(({ members }) => members);
  const together = SHARED_NAMES.filter((name) => groups.includes(`collection:shop.${name}`));
  if (together.length === 0) return writeToAll(sim);
  const name = sharing.pick(together);
  const key = streamKey({ level: "collection", database: "shop", collection: name });
  const ms = 3000 + sharing.below(20_000);
  world.log.add("world", `records of ${key} are slow for ${ms} ms`);
  const start = `_tributary/streams/${key}/`;
  for (const { weather } of sim.living()) {
    weather.burdens.add(start);
    world.clock.after(ms, () => void weather.burdens.delete(start));
  }
  const fill = () => {
    for (const each of SHARED_NAMES) insertInto(sim, each);
    for (let n = FILL; n > 0; n--) insertInto(sim, name);
  };
  for (const atMs of FILL_AT_MS) world.clock.after(atMs, fill);
}

/** An event that the server cannot give, or that no encoder survives, among those of others. */
function breakOne(sim: Simulation): void {
  const { world, sharing } = sim;
  const collection = sharing.pick(SHARED_NAMES);
  const picked = sharing.pick(["image-missing", "too-large", undefined] as const);
  const unreadable = sim.features.snapshots ? picked ?? "too-large" : picked;
  writeToAll(sim);
  world.log.add("world", `${unreadable ?? "poison"} in shop.${collection}`);
  if (unreadable === undefined) return insertInto(sim, collection, { a: POISON });
  const id = world.documentId(world.nextNumber());
  world.append({ operation: "update", database: "shop", collection, id, unreadable });
}
