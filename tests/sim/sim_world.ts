import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import { type Fleet, POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import { createMemoryFleet } from "../../src/coordinate/memory/memory_fleet.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { recordKey } from "../../src/journal/journal_keys.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import type { ClusterTime } from "../../src/model/cluster_time.ts";
import type { Lease, StateStore } from "../../src/pipeline/ports.ts";
import {
  endOfSplit,
  type MemoryChange,
  MemoryOplog,
} from "../../src/source/memory/memory_oplog.ts";
import type { GroupSource } from "../../src/source/shared/group_source.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import type { ReplacedObjects } from "../../src/table/retention/replaced_objects.ts";
import { createMemoryState } from "../../src/state/memory_state.ts";
import type { Clock } from "../../src/support/clock.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import type { Service } from "./boundary.ts";
import { EventLog } from "./event_log.ts";
import { LakeInspector } from "./lake_inspector.ts";
import { RangeInspector } from "./range_inspector.ts";
import { Rivalry } from "./rivalry.ts";
import { SimClock, withoutWaiting } from "./sim_clock.ts";
import { keepsLeasesInObjects, SimObjects } from "./sim_objects.ts";
import { createSimDocuments, type SimDocuments } from "./sim_documents.ts";
import { emptyRandom, snapshotRandom } from "./features.ts";
import { TrueDocuments } from "./true_documents.ts";
import { TrueEvents } from "./true_events.ts";

/** The oplog begins at 2026-11-20 17:00 UTC. */
const OPLOG_SECONDS_FIRST = 1_795_194_000;

/** An idle cursor answers after so long. */
const AWAIT_MS = 2500;

/** What one Redis holds. */
export interface Redis extends Fleet {
  readonly state: StateStore;
}

/** A lease as its holder has it. */
export interface HeldView {
  readonly stream: string;
  readonly instance: string;
  readonly lease: Lease;
  readonly isFooled: () => boolean;
}

/** What a world is made from. */
export interface WorldSeed {
  readonly seed: number;
  readonly ttlMs: number;
  readonly splitsLargeEvents: boolean;
  /** Whether the journal has a place of its own. */
  readonly isApart: boolean;
  readonly print?: ((line: string) => void) | undefined;
}

/** Another lake beside the same server, with a Redis of its own. */
export interface WorldCopy {
  readonly of: SimWorld;
  readonly random: SeededRandom;
}

/** Whether what has this name is a person's command. */
export function isOperator(name: string): boolean {
  return name.startsWith("operator-");
}

/** As the world itself sees it, which nothing hides from it, and which need not wait for anything. */
function objectFleet(shared: SimObjects, world: Clock, random: SeededRandom): Fleet {
  const clock = withoutWaiting(world);
  const timing = { lookMs: 0, beatMs: 0, listMs: 0, readMs: 0 };
  return createObjectFleet({ objects: shared.true, timing, clock, random, poll: POLL_OFTEN });
}

/** What all instances share, and what outlives them: a server with its oplog, a lake, a Redis, and time. */
export class SimWorld {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly log: EventLog;
  readonly oplog: MemoryOplog;
  readonly events: TrueEvents;
  /** What the collections are, and were. */
  readonly documents: TrueDocuments;
  readonly inspector: LakeInspector;
  /** The chance of what comes of collections that are empty at first. */
  readonly emptiness: SeededRandom;
  /** Where the lake's own files are. */
  readonly lake = new MemoryDestination();
  readonly journal = createObjectJournal(this.lake);
  readonly layouts = createObjectLayouts(this.lake);
  /** Where objects and dead letters are; mostly the same place. */
  readonly objects: MemoryDestination;
  /** Objects that were deleted when they had been joined, and what was in them. */
  readonly deleted = new Map<string, Uint8Array<ArrayBuffer>>();
  /** What stands for these; undefined where nothing is ever deleted. */
  replaced: ReplacedObjects | undefined;
  readonly services: readonly Service[];
  /** Services that nobody reaches now. */
  readonly outages = new Set<Service>();
  readonly held = new Set<HeldView>();
  readonly rivalry: Rivalry;
  /** Gives documents as the server that answers now has them. */
  readonly server: SimDocuments;
  readonly #redisClock: SimClock;
  /** Where the leases are in some worlds, instead of in Redis. */
  readonly shared: SimObjects | undefined;
  redis: Redis;
  /** Until then two instances may think that they hold one lease, because the store has forgotten the first. */
  forgetfulUntilMs = -Infinity;
  failure: Error | undefined;
  /** Some stream has failed in a way that did not look as if it would pass. */
  sawPermanent = false;
  /** The forms of change streams that nobody may read. */
  denied: readonly string[] = [];
  /** Streams that an instance refuses to go on with now, as far as they are seen. */
  readonly refused = new Set<string>();
  readonly #origin: SimWorld | undefined;
  readonly #splitsLargeEvents: boolean;
  #term = 1;
  #source: GroupSource;
  #stale: { readonly source: GroupSource; readonly oplog: MemoryOplog } | undefined;
  #changes = 0;
  readonly #ttlMs: number;

  constructor(made: WorldSeed | WorldCopy) {
    const origin = this.#origin = "of" in made ? made.of : undefined;
    this.#ttlMs = "of" in made ? made.of.#ttlMs : made.ttlMs;
    this.random = "of" in made ? made.random : new SeededRandom(made.seed);
    this.objects = "of" in made || !made.isApart ? this.lake : new MemoryDestination();
    const isApart = this.objects !== this.lake;
    this.services = ["mongodb", "lake", "redis", ...isApart ? ["objects" as const] : []];
    this.clock = origin?.clock ?? new VirtualClock();
    this.log = "of" in made ? made.of.log : new EventLog(this.clock, made.print);
    this.oplog = origin?.oplog ?? new MemoryOplog({ t: OPLOG_SECONDS_FIRST, i: 1 });
    this.events = origin?.events ?? new TrueEvents();
    this.rivalry = new Rivalry(() => this.clock.monotonicMs(), this.#ttlMs);
    this.documents = origin?.documents ?? new TrueDocuments();
    const ranges = new RangeInspector(this.documents, () => this.oplog.operationTime);
    this.emptiness = emptyRandom("of" in made ? 0 : made.seed);
    this.inspector = new LakeInspector(this.events, this.oplog, this.rivalry, ranges);
    const { documents, oplog, clock } = this;
    this.server = createSimDocuments({
      ...{ documents, random: snapshotRandom("of" in made ? 0 : made.seed) },
      emptiness: this.emptiness,
      ...{ serverTime: () => this.serverTime, nowMs: () => clock.monotonicMs() },
    });
    oplog.onAppend(() => documents.reached(oplog.operationTime, clock.monotonicMs()));
    const rate = 0.99 + this.random.fraction() * 0.02;
    this.#redisClock = new SimClock(this.clock, { rate, wallAheadMs: 0 });
    this.shared = "of" in made || !keepsLeasesInObjects(made.seed)
      ? undefined
      : new SimObjects(made.seed, this.clock);
    this.redis = this.#newRedis();
    this.#splitsLargeEvents = "of" in made ? false : made.splitsLargeEvents;
    this.#source = this.#sourceOf(this.oplog);
  }

  /** The server that answers now. */
  get source(): GroupSource {
    return this.#origin?.source ?? this.#stale?.source ?? this.#source;
  }

  /** The last operation of that server. */
  get serverTime(): ClusterTime {
    return (this.#stale?.oplog ?? this.oplog).operationTime;
  }

  /** Cursors opened before an election are dead. */
  get term(): number {
    return this.#origin?.term ?? this.#term;
  }

  /** The streams that may stay where they are: on a copy that cannot be gone on with. */
  get refusals(): ReadonlySet<string> {
    return this.#origin === undefined ? new Set() : this.refused;
  }

  /** Notes the first thing that went wrong; the run ends with it. */
  fail(error: unknown): void {
    if (this.#origin !== undefined) return this.#origin.fail(error);
    if (this.failure !== undefined) return;
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.log.add("world", `FAILURE ${this.failure.message}`);
  }

  /** Runs a check; what it throws ends the run. */
  check(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The number of a new change. */
  nextNumber(): number {
    return ++this.#changes;
  }

  append(change: MemoryChange): void {
    this.appendTransaction([change]);
  }

  appendTransaction(changes: readonly MemoryChange[]): void {
    for (const entry of this.oplog.appendTransaction(changes)) {
      const isSplit = this.#splitsLargeEvents && entry.change.unreadable === "too-large";
      const counted = isSplit ? { ...entry, data: endOfSplit(entry) } : entry;
      this.events.add(counted);
      this.documents.add(counted);
    }
  }

  /** The same id for the same document number. */
  documentId(number: number): ObjectId {
    return ObjectId.createFromHexString(number.toString(16).padStart(24, "0"));
  }

  async putIfAbsent(
    store: MemoryDestination,
    key: string,
    bytes: Uint8Array,
  ): Promise<"created" | "exists"> {
    const outcome = await store.putIfAbsent(key, bytes);
    if (outcome !== "created") return outcome;
    this.check(() => {
      assert(!this.deleted.has(key), `${key} is made again, and was joined and deleted`);
      this.inspector.created(key, bytes);
    });
    return outcome;
  }

  /** All objects and dead letters that were ever there, with what was in those that were deleted when they had been joined. */
  async *everStored(): AsyncGenerator<readonly [string, Uint8Array<ArrayBuffer>]> {
    for (const key of await this.objects.list("", { limit: Infinity })) {
      yield [key, (await this.objects.get(key))!];
    }
    yield* this.deleted;
  }

  /**
   * Without a lease nobody sends an object before having looked whether another one has gone on with the journal.
   *
   * @param absent keys of which the lake has told this instance that they are not there
   */
  assertMaySend(instance: string, key: string, absent: ReadonlySet<string>): void {
    const named = this.inspector.namedBy(key);
    // A person may append whoever runs the stream, and then finishes what is appended.
    if (named === undefined || isOperator(instance)) return;
    const isHeld = [...this.held].some((view) =>
      view.instance === instance && view.stream === named.stream && view.lease.isValid()
    );
    if (isHeld || absent.has(recordKey(named.stream, named.seq + 1))) return;
    const successor = this.inspector.recordsOf(named.stream)?.[named.seq + 1];
    const isOwn = successor?.owner.startsWith(`${instance}-`) === true;
    assert(isOwn, `${instance} sends ${key} without a lease and without a look`);
  }

  /** Redis forgets everything. */
  flushRedis(): void {
    this.shared?.forget();
    this.redis = this.#newRedis();
    this.rivalry.forgotten();
    this.forgive();
  }

  /** From now until a TTL later, holders may not know yet that their lease is another's. */
  forgive(): void {
    this.forgetfulUntilMs = this.clock.monotonicMs() + this.#ttlMs;
  }

  /** All cursors die, and another server answers. */
  elect(): void {
    this.#term++;
  }

  /** A server answers that lacks the newest entries: it was restored, or lags behind. */
  fallBehind(entries: number): void {
    const last = this.oplog.entries.at(-1 - entries)?.time ?? this.oplog.oldestTime;
    const stale = this.oplog.restoredAt(last);
    this.#stale = { source: this.#sourceOf(stale), oplog: stale };
    this.elect();
  }

  /** The server with all entries answers again. */
  catchUp(): void {
    this.#stale = undefined;
    this.elect();
  }

  get isBehind(): boolean {
    return this.#stale !== undefined;
  }

  /** At most one instance thinks that it may run a stream. */
  assertOneHolder(): void {
    if (this.clock.monotonicMs() < this.forgetfulUntilMs) return;
    const holders = new Map<string, HeldView>();
    for (const view of this.held) {
      if (view.lease.signal.aborted) this.held.delete(view);
      else if (view.lease.isValid() && !view.isFooled()) {
        const other = holders.get(view.stream);
        assert(
          other === undefined,
          `${view.stream} is held by ${other?.instance} and by ${view.instance}`,
        );
        holders.set(view.stream, view);
      }
    }
  }

  #sourceOf(oplog: MemoryOplog): GroupSource {
    const splitsLargeEvents = this.#splitsLargeEvents;
    return createMemorySource({ oplog, clock: this.clock, awaitMs: AWAIT_MS, splitsLargeEvents });
  }

  #newRedis(): Redis {
    return {
      ...this.shared === undefined
        ? createMemoryFleet(this.#redisClock)
        : objectFleet(this.shared, this.clock, this.random),
      isShared: true,
      state: createMemoryState(),
    };
  }
}
