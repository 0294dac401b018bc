/**
 * All streams that an instance knows of, and what was last known of each, whoever had it: news age, and a stream that nobody
 * has any more does not vanish.
 */
import type { FleetView, StreamView } from "../../coordinate/fleet_view.ts";
import { type ClusterTime, laterTime } from "../../model/cluster_time.ts";
import { isRangeKey } from "../../model/snapshot.ts";
import type { Clock } from "../../support/clock.ts";
import { rememberLast } from "../../support/remember_last.ts";
import type { ObservedStream, StreamBoard, StreamFacts } from "./stream_board.ts";

/** Up to where a stream is read, in the lake, and in the lake by its journal. */
export interface StreamTimes {
  readonly highWater: ClusterTime | undefined;
  readonly inLake: ClusterTime | undefined;
  readonly durable: ClusterTime | undefined;
}

/** A stream that was told to pause. */
export interface PausedStream extends ObservedStream {
  /** Since when, on the wall clock; undefined where that is not known. */
  readonly sinceMs?: number | undefined;
}

export interface FleetFacts {
  readonly view: FleetView;
  /** Wall clock of the view. */
  readonly atMs: number;
  /** The same on the monotonic clock. */
  readonly takenMs: number;
}

/** The view without the ranges of snapshots: they are no streams, for their rows are of one time, and they end. */
export function withoutRanges(view: FleetView): FleetView {
  return { ...view, streams: view.streams.filter(({ key }) => !isRangeKey(key)) };
}

export interface KnownStream extends ObservedStream {
  /** `here` also while it failed here and is not tried; `nobody` should be anybody's; `ended` is nobody's any more. */
  readonly holder: "here" | "elsewhere" | "nobody" | "ended";
  readonly isPaused: boolean;
  /** On the wall clock; undefined also where it is not known. */
  readonly pausedSinceMs?: number | undefined;
  /** Of what this instance has, or had last. */
  readonly facts: StreamFacts | undefined;
  /** What the others say, as long as it counts. */
  readonly remote: StreamView | undefined;
  /** The name of the instance that has its lease and is silent; its holder is `nobody`. */
  readonly leftBy?: string | undefined;
  readonly times: StreamTimes;
  /** For how long nobody has had it who should. */
  readonly unheldMs: number;
}

export interface KnownStreamsSources {
  /** The owner id of this instance's leases. */
  readonly owner: string;
  readonly board: StreamBoard;
  readonly fleet: () => FleetFacts | undefined;
  /** Streams that were told to pause. */
  readonly paused: () => Iterable<PausedStream>;
  /** Streams that are to run, as far as this instance knows: the same list only while they are the same. */
  readonly wanted: () => Iterable<ObservedStream>;
  /** A view older than this knows of no lease any more. */
  readonly leaseTtlMs: number;
  readonly clock: Clock;
}

interface Memory {
  times: StreamTimes;
  facts: StreamFacts | undefined;
  /** Monotonic. */
  unheldSinceMs: number | undefined;
  /** The last look that found it. */
  look: number;
}

const NOBODY: ReadonlyMap<string, StreamView> = new Map();

const NOTHING: StreamTimes = { highWater: undefined, inLake: undefined, durable: undefined };

export class KnownStreams {
  readonly #sources: KnownStreamsSources;
  readonly #memories = new Map<string, Memory>();
  readonly #named = rememberLast(named);
  /** The last view, as far as it counts. */
  #seen:
    | {
      readonly facts: FleetFacts;
      readonly isOver: boolean;
      readonly remotes: ReadonlyMap<string, StreamView>;
    }
    | undefined;
  #looks = 0;
  /** Whether the view was too old to know of any lease, and since when there is a new one: then all are taken anew. */
  #isBlind = false;
  #seesSinceMs = -Infinity;

  constructor(sources: KnownStreamsSources) {
    this.#sources = sources;
  }

  /** As of now, by name. */
  all(): KnownStream[] {
    const { board, paused, wanted } = this.#sources;
    // This is done every few seconds, for thousands of streams: each map and object counts.
    const pauses = named(paused());
    const ours = this.#named(wanted());
    const remote = this.#remotes();
    const look = ++this.#looks;
    const streams: KnownStream[] = [];
    const take = (key: string) => {
      const memory = this.#memoryOf(key);
      if (memory.look === look) return;
      memory.look = look;
      const local = board.stream(key);
      const about = { local, remote: remote.get(key), paused: pauses.get(key) };
      const ownName = ours.get(key)?.name;
      const name = local?.name ?? ownName ?? about.paused?.name ?? about.remote!.name;
      streams.push(this.#look(key, name, about, ownName !== undefined));
    };
    for (const key of remote.keys()) take(key);
    for (const key of pauses.keys()) take(key);
    for (const key of ours.keys()) take(key);
    for (const { key } of board.streams) take(key);
    this.#memories.forEach((memory, key) => {
      if (memory.look !== look) this.#memories.delete(key);
    });
    return streams.sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The keys of those that some instance has. */
  held(): ReadonlySet<string> {
    const held = this.all().filter(({ holder }) => holder === "here" || holder === "elsewhere");
    return new Set(held.map(({ key }) => key));
  }

  /** Keeps what is known of a stream that this instance has no longer. */
  stopped(facts: StreamFacts): void {
    const memory = this.#memoryOf(facts.key);
    memory.times = timesOf(facts);
    memory.facts = facts;
  }

  /** What a journal says of a stream that nobody has. */
  found(key: string, durable: ClusterTime): void {
    const memory = this.#memoryOf(key);
    memory.times = latest(memory.times, { ...NOTHING, durable });
  }

  /** What the others say, without leases that are over, and without what they say of this instance: as of a view. */
  #remotes(): ReadonlyMap<string, StreamView> {
    const { fleet, leaseTtlMs, clock, owner } = this.#sources;
    const facts = fleet();
    if (facts === undefined) return NOBODY;
    const isOver = clock.monotonicMs() - facts.takenMs >= leaseTtlMs;
    if (this.#isBlind && !isOver) this.#seesSinceMs = facts.takenMs;
    this.#isBlind = isOver;
    const seen = this.#seen;
    if (seen?.facts === facts && seen.isOver === isOver) return seen.remotes;
    const remotes = named(
      facts.view.streams.map((stream) =>
        isOver || stream.owner === owner ? withoutLease(stream) : stream
      ),
    );
    this.#seen = { facts, isOver, remotes };
    return remotes;
  }

  #look(
    key: string,
    name: string,
    { local, remote, paused }: {
      readonly local: StreamFacts | undefined;
      readonly remote: StreamView | undefined;
      readonly paused: PausedStream | undefined;
    },
    isWanted: boolean,
  ): KnownStream {
    // The view is older than the orders that this instance follows.
    const isPaused = paused !== undefined;
    const memory = this.#memoryOf(key);
    const silentMs = local === undefined ? remote?.silentMs : undefined;
    const isSilent = silentMs !== undefined;
    const isElsewhere = local === undefined && remote?.owner !== undefined && !isSilent;
    const before = memory.times;
    if (local !== undefined) {
      // Until its journal is open, what was known before counts.
      memory.times = filled(local, before);
      memory.facts = local;
    } else if (isElsewhere) {
      const durable = laterTime(remote.position, before.durable);
      memory.times = { ...told(remote), durable };
      memory.facts = undefined;
    } else if (remote !== undefined) {
      memory.times = latest(before, told(remote));
    }
    const isDue = isWanted || isPaused || remote?.offered === true || remote?.news !== undefined;
    const holder = local !== undefined
      ? "here"
      : isElsewhere
      ? "elsewhere"
      : isDue
      ? "nobody"
      : "ended";
    return {
      key,
      name,
      holder,
      isPaused,
      pausedSinceMs: paused?.sinceMs,
      facts: memory.facts,
      // How it stood when somebody last told is not how it stands.
      remote: isSilent && remote !== undefined ? withoutNews(remote) : remote,
      leftBy: isSilent ? remote?.instance ?? remote?.owner : undefined,
      times: isElsewhere ? memory.times : complete(memory.times),
      unheldMs: this.#unheldMs(memory, holder === "nobody" && !isPaused, silentMs),
    };
  }

  /** `silentMs`: so long its holder had said nothing when the others were last seen. */
  #unheldMs(memory: Memory, isUnheld: boolean, silentMs = 0): number {
    const nowMs = this.#sources.clock.monotonicMs();
    const takenMs = this.#sources.fleet()?.takenMs ?? nowMs;
    const leftMs = silentMs === 0 ? nowMs : takenMs - silentMs;
    const sinceMs = Math.max(memory.unheldSinceMs ?? leftMs, this.#seesSinceMs);
    memory.unheldSinceMs = isUnheld ? sinceMs : undefined;
    return nowMs - (memory.unheldSinceMs ?? nowMs);
  }

  #memoryOf(key: string): Memory {
    const known = this.#memories.get(key);
    if (known !== undefined) return known;
    const memory = { times: NOTHING, facts: undefined, unheldSinceMs: undefined, look: 0 };
    this.#memories.set(key, memory);
    return memory;
  }
}

function named<T extends ObservedStream>(streams: Iterable<T>): Map<string, T> {
  const byKey = new Map<string, T>();
  for (const stream of streams) byKey.set(stream.key, stream);
  return byKey;
}

function withoutNews({ news: _, ...rest }: StreamView): StreamView {
  return rest;
}

/** What nobody has is told of only where it failed. */
function withoutLease(stream: StreamView): StreamView {
  const { key, name, position, updatedAt, events, objects, bytes, deadLetters } = stream;
  return {
    ...{ key, name, events, objects, bytes, deadLetters, paused: stream.paused },
    ...(position === undefined ? {} : { position }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(stream.offered === undefined ? {} : { offered: stream.offered }),
  };
}

function timesOf({ highWater, lake, durable }: StreamFacts): StreamTimes {
  return { highWater, inLake: lake.time, durable };
}

/** Older versions do not tell times. */
function told({ position, news }: StreamView): StreamTimes {
  return { highWater: news?.highWater, inLake: news?.inLake, durable: position };
}

/** What is known here, else what was known before. */
function filled({ highWater, lake, durable }: StreamFacts, before: StreamTimes): StreamTimes {
  return {
    highWater: highWater ?? before.highWater,
    inLake: lake.time ?? before.inLake,
    durable: durable ?? before.durable,
  };
}

function latest(a: StreamTimes, b: StreamTimes): StreamTimes {
  return {
    highWater: laterTime(a.highWater, b.highWater),
    inLake: laterTime(a.inLake, b.inLake),
    durable: laterTime(a.durable, b.durable),
  };
}

/** What the journal has is in the lake, and what is in the lake was read. */
function complete({ highWater, inLake, durable }: StreamTimes): StreamTimes {
  const stored = laterTime(inLake, durable);
  return { highWater: laterTime(highWater, stored), inLake: stored, durable };
}
