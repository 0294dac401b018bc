import { SeededRandom } from "../support/seeded_random.ts";

/** What only some worlds have. Each is there by a chance of its own, drawn apart from all else of the world. */
export interface Features {
  /** Many changes at one time. */
  readonly transactions: boolean;
  /** Something is dropped, and nothing happens after it until somebody begins, is divided anew, or starts again. */
  readonly lastDrops: boolean;
  /** People give commands while everything runs, and die on the way. */
  readonly verbs: boolean;
  /** The server is of a version that sends large events in fragments. */
  readonly splitsLargeEvents: boolean;
  /** The lake is copied while it grows, and somebody runs on the copy. */
  readonly copies: boolean;
  /**
   * What is watched, where it is not as usual. `listed`: collections that come and go, each on its own, because a pattern
   * fits them. `rivals`: instances differ in which collections of one database they want. `retired`: two collections are
   * retired with one command, and a stream of their database follows.
   */
  readonly watch: "usual" | "listed" | "rivals" | "retired";
  /** Many collections are watched, each on its own, and read by change streams that they share; they change their names. */
  readonly shares: boolean;
  /** Targets begin with a snapshot of what is there. */
  readonly snapshots: boolean;
  /** What seldom happens together is made to happen together. */
  readonly meetings: boolean;
  /** Worlds with snapshots have also what most of them have not: partitions, patterns, people's commands. */
  readonly mixes: boolean;
  /** Collections are divided when something else goes wrong. */
  readonly borders: boolean;
  /** Copies whose leases are in objects sleep until about the moment at which they are taken for dead. */
  readonly sleepers: boolean;
}

/** Far from the seeds of worlds, and from those of other chances. */
const FEATURE_SEEDS_FIRST = 2_000_000_011;

/** Far from those as well: it was added when there were seeds that had found something. */
const PLACE_SEEDS_FIRST = 3_000_000_019;

/** Whether the journal has a place of its own, which fails by itself. A lake that is copied has one place. */
export function hasJournalApart(seed: number, { copies }: Features): boolean {
  return !copies && new SeededRandom(seed + PLACE_SEEDS_FIRST).chance(0.3);
}

/** Added later still. */
const READING_SEEDS_FIRST = 4_000_000_007;

/** How whole collections are read. */
export function pickReading(seed: number): "own" | "namespace" | "mixed" {
  return new SeededRandom(seed + READING_SEEDS_FIRST).pick(
    ["own", "own", "namespace", "mixed"] as const,
  );
}

/** Added after that. */
const SHARING_SEEDS_FIRST = 5_000_000_029;

/** The chance of what comes of streams that share change streams. */
export function sharingRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + SHARING_SEEDS_FIRST);
}

/** Added after that, too. */
const SNAPSHOT_SEEDS_FIRST = 6_000_000_047;

/** The chance of what comes of snapshots. */
export function snapshotRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + SNAPSHOT_SEEDS_FIRST);
}

/** And after that; so that seeds that had found something have nothing of it. */
const MEETING_SEEDS_FIRST = 7_000_000_067;

/** The chance of what comes of things that meet. */
export function meetingRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + MEETING_SEEDS_FIRST);
}

/** Added after that as well. */
const ASKING_SEEDS_FIRST = 8_000_000_089;

/** The chance of what comes of snapshots that people order. */
export function askingRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + ASKING_SEEDS_FIRST);
}

/** The last so far; chosen so that seeds that had found something have nothing of it. */
const MIXING_SEEDS_FIRST = 9_000_015_153;

/** The chance of what snapshots are mixed with. */
export function mixingRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + MIXING_SEEDS_FIRST);
}

/** Added after all of them. */
const EMPTY_SEEDS_FIRST = 10_000_000_019;

/** The chance of what comes of collections that are empty at first. */
export function emptyRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + EMPTY_SEEDS_FIRST);
}

/** The chance of a world's features, and of what comes of them. */
export function featureRandom(seed: number): SeededRandom {
  return new SeededRandom(seed + FEATURE_SEEDS_FIRST);
}

export function pickFeatures(
  random: SeededRandom,
  sharing: SeededRandom,
  snapshot: SeededRandom,
  meeting: SeededRandom,
  mixing: SeededRandom,
): Features {
  // As many worlds have none as had none before there were any.
  const has = random.chance(0.6) ? (chance: number) => random.chance(chance) : () => false;
  const transactions = has(0.5);
  const lastDrops = has(0.3);
  const verbs = has(0.3);
  const watch = has(0.5) ? random.pick(["listed", "rivals", "retired"] as const) : "usual";
  const copies = watch === "usual" && has(0.5);
  const splitsLargeEvents = has(0.3);
  const shares = sharing.chance(0.4) && watch === "usual";
  // What else people can have that snapshots are not taken of.
  const isPlain = watch === "usual" && !verbs && !copies;
  const mixes = mixing.chance(0.4);
  // Who wants other events, or has a copy of a lake, has another state of the documents.
  const isMixed = mixes && watch !== "rivals" && !copies;
  const snapshots = snapshot.chance(0.5) && (isPlain || isMixed);
  const meetings = meeting.chance(0.4) && isPlain && !shares && !snapshots;
  return {
    ...{ transactions, lastDrops, verbs, watch, copies, splitsLargeEvents, shares, snapshots },
    ...{ meetings, mixes: mixes && snapshots },
    borders: mixing.chance(0.2) && watch === "usual" && !copies && (!snapshots || mixes),
    sleepers: mixing.chance(0.3),
  };
}
