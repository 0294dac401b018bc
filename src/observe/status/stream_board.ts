import { type ClusterTime, compareClusterTimes, laterTime } from "../../model/cluster_time.ts";
import type { StreamCondition } from "../../model/stream_condition.ts";
import type { PipelineEvent } from "../../pipeline/events.ts";
import type { KnownLosses } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { LakeTime } from "./lake_time.ts";

/** A stream as events name it. */
export interface ObservedStream {
  readonly key: string;
  /** As people see it: `collection:shop.orders 2/4`. */
  readonly name: string;
}

/** What is known of a stream that this instance runs or ran. Counts are since the instance began. */
export interface StreamFacts extends ObservedStream {
  condition: StreamCondition;
  generation: number;
  /** When it was started here last, on the monotonic clock. */
  startedMs: number;
  /** Up to where it is read. */
  highWater: ClusterTime | undefined;
  /** Up to where its journal says that it is in the lake. */
  durable: ClusterTime | undefined;
  /** The time up to which all of its events are in the lake; on an idle stream the journal is behind it. */
  readonly lake: LakeTime;
  /** Read and not yet stored. */
  bufferedEvents: number;
  /** Without those that were read once more. */
  readEvents: number;
  /** The furthest it was ever read, and whether it is read up to there once more. */
  readTo: ClusterTime | undefined;
  isRereading: boolean;
  /** Stored. */
  events: number;
  objects: number;
  bytes: number;
  deadLetters: number;
  /** Since the journal began; unknown until it is counted. */
  losses: KnownLosses | undefined;
  lastObject: StoredObject | undefined;
  /** The last failure; gone once the stream has shown that it runs again. */
  error: StreamFault | undefined;
  /** Where it stood when it failed, and whether a try since then has been let read; absent where it has not failed. */
  retried: { readonly upTo: ClusterTime | undefined; isOpen: boolean } | undefined;
}

export interface StoredObject {
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
  /** Wall clock. */
  readonly atMs: number;
}

export interface StreamFault {
  readonly message: string;
  /** When it failed last. */
  readonly atMs: number;
  /** When it first failed since it last read. */
  readonly sinceMs: number;
}

/** How many gaps and objects given up nobody has accepted; undefined where there are none, or it is not known. */
export function lostOf({ losses }: Pick<StreamFacts, "losses">): number | undefined {
  const lost = losses === undefined ? 0 : losses.gaps + losses.voidedObjects;
  return lost === 0 ? undefined : lost;
}

/** Remembers what pipelines tell of themselves, so that nobody has to be asked when somebody wants to know. */
export class StreamBoard {
  readonly #clock: Clock;
  readonly #streams = new Map<string, StreamFacts>();
  /** As they were listed last. */
  #sorted: readonly StreamFacts[] = [];
  /** Streams that end because their leases are over. */
  readonly #lost = new Set<string>();
  /** Streams that failed and were given back, to be tried again. */
  readonly #released = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All streams that this instance has, or that failed here and run nowhere since, in the order of their names. */
  get streams(): readonly StreamFacts[] {
    const isSame = this.#sorted.length === this.#streams.size &&
      this.#sorted.every((facts) => this.#streams.get(facts.key) === facts);
    if (!isSame) {
      this.#sorted = [...this.#streams.values()].sort((a, b) => a.name < b.name ? -1 : 1);
    }
    return this.#sorted;
  }

  /** Whether anything is to be written or looked up. */
  get hasWork(): boolean {
    return this.streams.some(({ bufferedEvents, condition }) =>
      bufferedEvents > 0 || condition !== "running"
    );
  }

  stream(key: string): StreamFacts | undefined {
    return this.#streams.get(key);
  }

  /** `isCalm`: nothing that streams need is known to be away. */
  take(stream: ObservedStream, event: PipelineEvent, isCalm = false): void {
    if (event.type === "stream-started" || event.type === "stream-stopped") {
      if (this.#lost.delete(stream.key) && event.type === "stream-stopped") return;
    } else if (this.#lost.has(stream.key)) return;
    // A count may end when the stream is no longer here.
    if (event.type === "losses-known" && !this.#streams.has(stream.key)) return;
    const facts = this.#streams.get(stream.key) ?? newFacts(stream);
    this.#streams.set(stream.key, facts);
    if (event.type === "stream-started") {
      this.#released.delete(stream.key);
      facts.startedMs = this.#clock.monotonicMs();
    }
    if (event.type === "stream-stopped" && facts.condition === "failed") {
      // A fault that a person must mend is shown also while nobody tries.
      this.#released.add(stream.key);
      return;
    }
    applyEvent(facts, event, this.#clock.wallMs());
    if (showsThatItRuns(facts, event, isCalm)) runsAgain(facts);
    // What another instance goes on with, or nobody does, is not ours to show.
    if (facts.condition === "stopped" || facts.condition === "closed") {
      this.#streams.delete(stream.key);
    }
  }

  /** A lease is over: the stream may be another's by now, whatever it still does here until it has stopped. */
  lostLease(key: string): void {
    if (this.#streams.delete(key)) this.#lost.add(key);
  }

  /** Forgets the streams that failed and were given back, but for those that still fail. */
  keepFailing(keys: readonly string[]): void {
    for (const key of this.#released) {
      if (keys.includes(key)) continue;
      this.#released.delete(key);
      this.#streams.delete(key);
    }
  }
}

function newFacts(stream: ObservedStream): StreamFacts {
  return {
    key: stream.key,
    name: stream.name,
    condition: "opening",
    generation: 0,
    startedMs: 0,
    highWater: undefined,
    durable: undefined,
    lake: new LakeTime(),
    bufferedEvents: 0,
    readEvents: 0,
    readTo: undefined,
    isRereading: false,
    events: 0,
    objects: 0,
    bytes: 0,
    deadLetters: 0,
    losses: undefined,
    lastObject: undefined,
    error: undefined,
    retried: undefined,
  };
}

function countRead(facts: StreamFacts, events: number, highWater: ClusterTime): void {
  const { readTo } = facts;
  if (readTo === undefined || isBehind(readTo, highWater)) facts.isRereading = false;
  if (!facts.isRereading) facts.readEvents += events;
  facts.readTo = laterTime(highWater, readTo);
}

function isBehind(time: ClusterTime, other: ClusterTime | undefined): boolean {
  return other !== undefined && compareClusterTimes(time, other) < 0;
}

/**
 * Whether a stream that is tried again has come past what it failed at. That it may read says nothing about a full disk:
 * it must have stored something, or have read as far as before and hold nothing. Where the fault could pass and nothing is
 * away any more, reading will do, for a batch may take many minutes to fill.
 */
function showsThatItRuns(
  { retried, condition, highWater, bufferedEvents }: StreamFacts,
  { type }: PipelineEvent,
  isCalm: boolean,
): boolean {
  if (retried?.isOpen !== true) return false;
  if (type === "batch-durable") return true;
  if (type === "record-appended") return bufferedEvents === 0;
  if (type !== "reply-read") return false;
  if (isCalm && condition === "waiting") return true;
  const { upTo } = retried;
  const isFarEnough = upTo === undefined || highWater !== undefined &&
      compareClusterTimes(highWater, upTo) >= 0;
  return bufferedEvents === 0 && isFarEnough;
}

function runsAgain(facts: StreamFacts): void {
  facts.condition = "running";
  facts.error = undefined;
  facts.retried = undefined;
}

function applyEvent(facts: StreamFacts, event: PipelineEvent, nowMs: number): void {
  switch (event.type) {
    case "stream-started":
      // A stream that failed has done so until it reads again.
      if (facts.error === undefined) facts.condition = "opening";
      facts.generation = event.generation;
      drop(facts);
      break;
    case "journal-opened":
    case "genesis-written":
      facts.durable = event.position.operationTime;
      facts.highWater = event.position.operationTime;
      facts.isRereading = isBehind(event.position.operationTime, facts.readTo);
      facts.lake.opened(event.position.operationTime);
      break;
    case "source-opened":
      if (facts.retried === undefined) runsAgain(facts);
      else facts.retried.isOpen = true;
      break;
    case "source-lost":
      if (facts.retried === undefined) facts.condition = "opening";
      facts.error = faultOf(facts, event.reason, nowMs);
      break;
    case "reply-read":
      facts.highWater = event.highWater;
      facts.lake.read(event.events, event.highWater, event.first);
      facts.bufferedEvents += event.events;
      countRead(facts, event.events, event.highWater);
      break;
    case "record-appended":
      // A batch is in the lake when its objects are; all other records at once, with all before them.
      if (event.kind !== "batch" && facts.bufferedEvents === 0) {
        facts.durable = event.to.operationTime;
      }
      break;
    case "object-stored":
      facts.objects++;
      facts.bytes += event.bytes;
      facts.lastObject = { key: event.key, rows: event.rows, bytes: event.bytes, atMs: nowMs };
      break;
    case "batch-durable":
      facts.durable = event.to.operationTime;
      facts.lake.stored(event.rows + event.deadLetters, event.to.operationTime);
      facts.events += event.rows;
      facts.deadLetters += event.deadLetters;
      facts.bufferedEvents = Math.max(0, facts.bufferedEvents - event.rows - event.deadLetters);
      break;
    case "losses-known":
      facts.losses = event;
      break;
    case "stream-failed":
      failed(facts, event.permanent ? "failed" : "waiting", event.error, nowMs);
      break;
    case "fenced":
      failed(facts, "waiting", event.reason, nowMs);
      break;
    case "stream-stopped":
      facts.condition = "stopped";
      break;
    case "stream-closed":
      facts.condition = "closed";
      break;
    default:
      // The rest is for the log and the counters.
  }
}

function failed(
  facts: StreamFacts,
  condition: "waiting" | "failed",
  reason: string,
  nowMs: number,
): void {
  facts.condition = condition;
  facts.error = faultOf(facts, reason, nowMs);
  // A try that ended sooner proves nothing about how far the first one came.
  facts.retried = { upTo: laterTime(facts.retried?.upTo, facts.highWater), isOpen: false };
  drop(facts);
}

/** What was read and is not stored will be read again. */
function drop(facts: StreamFacts): void {
  facts.bufferedEvents = 0;
  facts.lake.dropped();
}

function faultOf({ error }: StreamFacts, message: string, atMs: number): StreamFault {
  return { message, atMs, sinceMs: error?.sinceMs ?? atMs };
}
