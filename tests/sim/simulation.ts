import type { NamespaceFilter, StreamSettings } from "../../src/model/settings.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import type { StreamOptions } from "../../src/pipeline/stream_context.ts";
import { readLayouts, streamsToRun } from "../../src/pipeline/layout/layout_streams.ts";
import { epochOf } from "../../src/model/layout.ts";
import { type Stream, streamKey, targetKey } from "../../src/model/stream.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import type { Fault } from "./boundary.ts";
import {
  askingRandom,
  featureRandom,
  type Features,
  hasJournalApart,
  meetingRandom,
  mixingRandom,
  pickFeatures,
  pickReading,
  sharingRandom,
  snapshotRandom,
} from "./features.ts";
import type { LakeCopy } from "./lake_copy.ts";
import { type InstanceChoice, SimInstance } from "./sim_instance.ts";
import { TTL_MS } from "./sim_timing.ts";
import { openLakeTables, type SimLakeTables } from "./sim_lake_tables.ts";
import type { SimOperator } from "./sim_operator.ts";
import { SimWorld } from "./sim_world.ts";
import { listCollections } from "./list_collections.ts";
import {
  pickTargets,
  sharedTargets,
  snapshotTargets,
  someTargets,
  type Targets,
  unusualTargets,
} from "./targets.ts";
import type { Climate } from "./weather.ts";

const SETTINGS: StreamSettings = {
  fullDocument: "required",
  fullDocumentBeforeChange: "off",
  namespaces: { include: [], exclude: [] },
  stages: [],
  encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" },
  keyRule: { template: "db={db}/coll={coll}/{yyyy}-{MM}-{dd}/{HH}/", bucket: "hour" },
  encoderVersion: 1,
};

const KEY_RULES = [
  SETTINGS.keyRule,
  { template: "", bucket: "none" },
  { template: "{db}/{coll}/", bucket: "day" },
] as const;

const INSTANCES_MAX = 3;

/** In most worlds encoders lose nothing; else they lose so much that what comes of it meets what else goes wrong. */
const LOSS_SHARES = [0, 0, 0, 0.02, 0.1, 0.3] as const;
/** From one event to about as many as a batch has, so that objects begin before their batch is cut. */
const ENCODE_AHEAD_BYTES_MIN = [1, 600, 1200] as const;
/** Far from the seeds of worlds. */
const LOSS_SEEDS_FIRST = 1_000_000_007;

const BEFORE_NAMESPACES = { recordFormat: 2, recordVersion: 2 } as const;

/** A reply may be larger than expected, once per stream, and a drop, a flush or a redo hold a batch each. */
const BUDGET_SLACK = 3;

/** A world with its instances; what happens to them is the scenario's. */
export class Simulation {
  readonly world: SimWorld;
  readonly random: SeededRandom;
  targets: Targets;
  /** Targets that were retired, and that nobody is told to stream any more. */
  readonly retired: Stream[] = [];
  readonly climate: Climate;
  /** Whether instances go on where the oplog has lost what they need. */
  readonly isLossAllowed: boolean;
  settings: StreamSettings = SETTINGS;
  instances: SimInstance[] = [];
  /** The moment at which somebody begins to copy the lake, where somebody does. */
  readonly copiedAt: number;
  /** A copy of the lake, once there is one. */
  copy: LakeCopy | undefined;
  /** Commands that people have given. */
  readonly operators: SimOperator[] = [];
  /** Those of them that retire the collections. */
  readonly retirements: SimOperator[] = [];
  readonly #instancesWanted: number;
  #selections: readonly NamespaceFilter[];
  readonly #startFrom: StreamOptions["startFrom"];
  /** Whether every second instance does not divide collections. */
  readonly #disagrees: boolean;
  /** A chance of its own, so that it changes nothing else of the world. */
  readonly #losses: SeededRandom;
  /** The part of begun objects that an encoder loses. */
  readonly #lossShare: number;
  readonly #encodeAheadBytesMin: number;
  readonly #hasOldInstances: boolean;
  /** How whole collections are read: not by namespace, by all that know it, or now so and now so. */
  readonly #reading: "own" | "namespace" | "mixed";
  readonly features: Features;
  /** Whether documents are read again where history is lost. */
  readonly readsAgain: boolean;
  /** A chance of its own for what comes of the features. */
  readonly extra: SeededRandom;
  /** The same for what comes of change streams that are shared. */
  readonly sharing: SeededRandom;
  /** The same for what comes of snapshots. */
  readonly snapshotting: SeededRandom;
  /** The same for snapshots that people order, as they do in some worlds. */
  readonly asking: SeededRandom;
  readonly hasAsked: boolean;
  /** The same for what is made to happen together. */
  readonly meeting: SeededRandom;
  /** The same for what snapshots are mixed with, and for what goes wrong where collections are divided. */
  readonly mixing: SeededRandom;
  /** The most streams that were seen to share a change stream. */
  sharersMax = 0;
  /** Tables over the lake; undefined where nobody wants any. */
  readonly tables: SimLakeTables | undefined;
  #started = 0;

  constructor(seed: number, print?: (line: string) => void) {
    this.extra = featureRandom(seed);
    this.sharing = sharingRandom(seed);
    this.snapshotting = snapshotRandom(seed);
    this.meeting = meetingRandom(seed);
    const mixing = this.mixing = mixingRandom(seed);
    this.features = pickFeatures(
      ...[this.extra, this.sharing, this.snapshotting, this.meeting, mixing] as const,
    );
    const { splitsLargeEvents, shares, snapshots, mixes, watch, verbs } = this.features;
    this.asking = askingRandom(seed);
    this.hasAsked = snapshots && this.asking.chance(0.3);
    this.readsAgain = snapshots && this.snapshotting.chance(0.6);
    const isApart = hasJournalApart(seed, this.features);
    this.world = new SimWorld({ seed, ttlMs: TTL_MS, splitsLargeEvents, isApart, print });
    const random = this.random = this.world.random;
    this.tables = openLakeTables(this.world, seed);
    this.targets = pickTargets(random);
    this.#instancesWanted = 1 + random.below(INSTANCES_MAX);
    this.climate = pickClimate(random);
    this.isLossAllowed = random.chance(0.3);
    // By a chance of its own, so that it changes nothing else of the world.
    this.#disagrees = new SeededRandom(seed).chance(0.3);
    this.#losses = new SeededRandom(seed + LOSS_SEEDS_FIRST);
    this.#lossShare = this.#losses.pick(LOSS_SHARES);
    this.#encodeAheadBytesMin = this.#losses.pick(ENCODE_AHEAD_BYTES_MIN);
    this.#hasOldInstances = this.#losses.chance(0.3);
    const reading = pickReading(seed);
    this.#reading = shares && reading === "own" ? "namespace" : reading;
    this.targets = unusualTargets(watch, this.targets, this.extra);
    if (shares) this.targets = sharedTargets(this.sharing);
    else if (snapshots && watch === "usual") this.targets = snapshotTargets(this.snapshotting);
    if (mixes && watch === "usual") {
      this.targets = { ...this.targets, partitions: mixing.pick([1, 2, 3]) };
    }
    if (mixes && watch === "retired") this.targets = someTargets(this.targets, mixing);
    this.world.denied = shares ? pickDenied(this.sharing) : [];
    this.copiedAt = 10 + this.extra.below(30);
    this.#selections = this.targets.selections ?? [SETTINGS.namespaces];
    this.#startFrom = { kind: random.pick(["earliest", "now"] as const) };
    // A person may choose where to begin, and what follows others has what these brought.
    this.world.inspector.ranges.areDue = snapshots && !verbs && watch !== "retired";
    const { whole, collections, partitions } = this.targets;
    this.world.log.add(
      "world",
      `seed ${seed}: ${this.instancesWanted} instances, ${
        [...whole, ...collections].map(streamKey)
      } of ${partitions}, ${JSON.stringify(this.climate)}, loss ${this.isLossAllowed}, ${
        JSON.stringify(this.features)
      }${isApart ? ", the journal apart" : ""}`,
    );
  }

  /** Rivals are two at least. */
  get instancesWanted(): number {
    const isOneEnough = this.targets.isApart === true && this.#selections.length === 1;
    return isOneEnough ? 1 : Math.max(this.#instancesWanted, this.#selections.length);
  }

  /** Whether somebody may divide collections anew. */
  get mayDivide(): boolean {
    return this.features.mixes || !this.features.snapshots;
  }

  start(): SimInstance {
    const instance = new SimInstance(this.world, this.instanceChoice());
    this.instances.push(instance);
    return instance;
  }

  /** What the next instance is started with; `other` has a name of its own and is not one of a row. */
  instanceChoice(other?: string): InstanceChoice {
    const random = other === undefined ? this.random : this.extra;
    if (other === undefined) this.#started++;
    const isOther = this.#disagrees && this.#started % 2 === 0;
    const versions = this.#versions();
    return {
      name: other ?? `i${this.#started}`,
      targets: isOther ? { ...this.targets, partitions: 1 } : this.targets,
      settings: {
        ...this.settings,
        namespaces: this.#selections[this.#started % this.#selections.length]!,
        ...this.#readingOf(versions.recordVersion),
      },
      options: this.options(),
      climate: this.climate,
      habits: {
        rate: 0.98 + random.fraction() * 0.04,
        wallAheadMs: random.below(4000) - 2000,
      },
      losesObject: () => this.#losses.chance(this.#lossShare),
      ...versions,
      heedsOrders: this.features.verbs,
      takesSnapshots: this.features.snapshots,
    };
  }

  /** Every second instance is of a version before in some worlds. */
  #versions(): Pick<InstanceChoice, "recordFormat" | "recordVersion"> {
    const isOld = this.#hasOldInstances && this.#started % 2 === 0;
    if (isOld) return this.#reading === "mixed" ? BEFORE_NAMESPACES : { recordFormat: 1 };
    return this.#reading === "own" ? BEFORE_NAMESPACES : { recordFormat: 3, recordVersion: 3 };
  }

  /** Versions before know of no reading by namespace; in some worlds every third instance does not want it either. */
  #readingOf(recordVersion: number | undefined): Partial<StreamSettings> {
    const wantsIt = this.#reading !== "mixed" || this.#started % 3 !== 0;
    return recordVersion === 3 && wantsIt ? { reading: "namespace" } : {};
  }

  /** From now on instances are started with other settings. */
  changeSettings(): void {
    const keyRule = this.random.pick(KEY_RULES);
    this.settings = { ...SETTINGS, keyRule, encoderVersion: this.random.below(3) };
    this.world.log.add("world", `settings ${keyRule.bucket} ${this.settings.encoderVersion}`);
  }

  /** From now on all want the same; those who want something else are told to stop. */
  chooseSelection(): void {
    const [first] = this.#selections;
    if (this.#selections.length === 1) return;
    this.#selections = [first!];
    const [, ...more] = this.living().filter((each) => each.selection === first);
    const others = this.living().filter((each) => each.selection !== first);
    for (const each of [...others, ...this.targets.isApart ? more : []]) each.stop();
  }

  /** From now on other targets are streamed, by instances that start with them. */
  changeTargets(targets: Targets): void {
    this.world.log.add("world", `other targets: ${targets.whole.map(streamKey)}`);
    this.retired.push(...this.targets.whole, ...this.targets.collections);
    this.targets = targets;
    for (const each of this.living()) each.stop();
  }

  /** Those that are neither killed nor have ended. */
  living(): SimInstance[] {
    this.instances = this.instances.filter((each) => !each.isKilled && !each.isEnded);
    return this.instances;
  }

  /** Lets time pass, with all that must hold at any time looked at on the way. */
  async pass(ms: number): Promise<void> {
    const { world } = this;
    const endMs = world.clock.monotonicMs() + ms;
    while (world.failure === undefined) {
      const leftMs = endMs - world.clock.monotonicMs();
      // What rounding leaves would never pass.
      if (leftMs < 0.001) return;
      await world.clock.advance(Math.min(leftMs, STEP_MS));
      this.#look();
    }
  }

  /** The collections that are watched each on its own now. */
  collections(): readonly CollectionStream[] {
    const { listing, collections } = this.targets;
    return listing === undefined ? collections : listCollections(this.world.oplog, listing);
  }

  /** The same, and those that were dropped meanwhile. */
  everCollections(): readonly CollectionStream[] {
    const { listing, collections } = this.targets;
    return listing === undefined ? collections : this.world.events.collections(listing);
  }

  /** The streams that are to run now. */
  async streams(world = this.world): Promise<Stream[]> {
    const { journal, layouts } = world;
    const lists = await Promise.all(
      this.collections().map((each) => streamsToRun(journal, layouts, each)),
    );
    return [...this.targets.whole, ...lists.flat()];
  }

  /** The collections whose last layout is not in force yet. */
  async unsettled(): Promise<string[]> {
    const { journal, layouts } = this.world;
    const found: string[] = [];
    for (const collection of this.collections()) {
      const last = (await readLayouts(layouts, targetKey(collection))).at(-1);
      if (last === undefined) continue;
      const running = await streamsToRun(journal, layouts, collection);
      if (running.some((each) => epochOf(each) < last.epoch)) found.push(targetKey(collection));
    }
    return found;
  }

  #look(): void {
    const { world } = this;
    world.check(() => world.assertOneHolder());
    for (const each of this.instances) this.#countSharers(each);
    for (const { name, budget, isKilled } of this.instances) {
      const { usedBytes, limitBytes } = budget;
      if (isKilled || (usedBytes >= 0 && usedBytes <= limitBytes * BUDGET_SLACK)) continue;
      world.fail(new Error(`${name} uses ${usedBytes} of ${limitBytes} bytes`));
    }
  }

  #countSharers({ readers, isKilled }: SimInstance): void {
    const shared = isKilled ? [] : readers().filter(({ form }) => form !== undefined);
    this.sharersMax = Math.max(this.sharersMax, ...shared.map(({ members }) => members.length));
  }

  /** How streams are run now. */
  options(): StreamOptions {
    return {
      batch: { rowsMax: 5, bytesMax: 1 << 20, objectsMax: 3 },
      batchAgeMsMax: 1500,
      startFrom: this.#startFrom,
      onHistoryLost: !this.isLossAllowed ? "fail" : this.readsAgain ? "snapshot" : "restart",
      uploadsInFlightMax: 2,
      encodesInFlightMax: 2,
      encodeAheadBytesMin: this.#encodeAheadBytesMin,
      heartbeatMsMax: 20_000,
      turnMsMax: TTL_MS / 3,
      retry: { firstMs: 100, maxMs: 2000 },
    };
  }
}

/** In some worlds nobody may read the deployment, or no database either. */
function pickDenied(random: SeededRandom): readonly string[] {
  const deployment = ["deployment"];
  return random.pick([[], [], [], [], deployment, [...deployment, "database shop"]]);
}

/** How often the things that cost something to look at are looked at. */
const STEP_MS = 250;

const FAULT_KINDS = ["error", "crash", "late", "refused"] as const;

/** Not everything goes wrong in every world: what is rare beside much else would never be seen. */
function pickClimate(random: SeededRandom): Climate {
  const kinds: Fault["kind"][] = FAULT_KINDS.filter(() => random.chance(0.5));
  if (random.chance(0.5)) kinds.push("error", "late", "late");
  return {
    faults: random.pick([0, 0.005, 0.02, 0.05, 0.1]),
    kinds,
    slow: random.pick([0, 0, 0.01, 0.05]),
    storms: random.pick([0, 0.2, 0.6]),
  };
}
