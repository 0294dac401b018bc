import { type ObjectId, Timestamp } from "mongodb";
import {
  type ClusterTime,
  clusterTimeOfToken,
  compareClusterTimes,
} from "../../model/cluster_time.ts";
import { HistoryLostError, PermanentError, UnreadableEventError } from "../../model/errors.ts";
import { positionAfterToken } from "../../model/position.ts";
import type { Stream } from "../../model/stream.ts";
import type { NamespaceName } from "../../pipeline/namespaces.ts";
import type { ChangeStreamRequest } from "../change_stream_request.ts";
import { changeStreamPipeline, type Stage } from "../change_stream_pipeline.ts";
import type { CursorReply } from "../cursor_reply.ts";
import { concatEvents } from "../fragment_merger.ts";
import {
  endOfSplit,
  invalidateEvent,
  type MemoryEntry,
  type MemoryOplog,
  splitEvent,
} from "./memory_oplog.ts";
import { highWaterToken, isServerToken } from "./memory_token.ts";
import { isNamespaceWanted } from "../../model/namespace_filter.ts";

/** A server's answer to a `getMore`: its cursor, and the bytes in which its events lie. */
export interface ServerReply extends CursorReply {
  readonly bytes: Uint8Array;
}

/** Entries that one reply looks at, at most: a stream that wants few of them still moves its mark. */
const SCAN_MAX = 100_000;

/** Of a cursor that lives; the server has ended one whose id is 0. */
const CURSOR_ID = 1n;

/** Where a server begins to read. */
interface Start {
  readonly time: ClusterTime;
  /** The token to start after; nothing up to it is looked at. */
  readonly token: string;
  /** Whether the stages let an event with this token through; what they do not, is not produced. */
  readonly passes: (token: string) => boolean;
}

/**
 * A change stream as a server keeps it. It is given the stages that a real one is given, and of them it heeds where to
 * begin; which events are selected it knows from the request, for it cannot run a pipeline.
 *
 * It is as unkind as mongod 6.0.5 was seen to be: opened at a time it begins with the first event of that time, also with
 * one that it cannot produce, which fails the whole reply, each time; it refuses tokens that no server has made; and it
 * ends the stream at a drop or a rename, whether the stages let the invalidate through or not.
 */
export class ServerCursor {
  readonly #oplog: MemoryOplog;
  readonly #request: ChangeStreamRequest;
  readonly #passes: (token: string) => boolean;
  readonly #splitsLargeEvents: boolean;
  /** The token up to which the oplog was looked at. */
  #seen: string;
  #time: ClusterTime;
  /** What the server says it has come to: the last event's token, or a high-water mark. */
  #mark: string;

  /**
   * @throws {PermanentError} if it does not take the token.
   * @throws {HistoryLostError} if the token is of the end of another form of change stream.
   */
  constructor(oplog: MemoryOplog, request: ChangeStreamRequest, splitsLargeEvents: boolean) {
    const start = startOf(changeStreamPipeline(request, splitsLargeEvents));
    this.#splitsLargeEvents = splitsLargeEvents;
    this.#oplog = oplog;
    this.#request = request;
    this.#passes = start.passes;
    this.#seen = start.token;
    this.#time = start.time;
    // It may be told to begin at a time to come, but has not seen that.
    const isAhead = compareClusterTimes(start.time, oplog.operationTime) > 0;
    this.#mark = start.token || highWaterToken(isAhead ? oplog.operationTime : start.time);
    this.#assertReached();
    this.#assertOwnEnd(start);
  }

  /** The next events, at most `rowsMax`; none where there are none yet. */
  read(rowsMax: number): ServerReply {
    this.#assertReached();
    const events: Uint8Array[] = [];
    const { entries, operationTime } = this.#oplog;
    let at = firstAt(entries, this.#time);
    const scanEnd = Math.min(entries.length, at + SCAN_MAX);
    for (; at < scanEnd && events.length < rowsMax; at++) {
      const entry = entries[at]!;
      const end = this.#isSplit(entry) ? endOfSplit(entry) : entry.data;
      if (end > this.#seen) this.#take(entry, events);
      // The rest of an event that is split comes with the next reply.
      if (end > this.#seen) break;
      if (!endsStream(entry, this.#request.stream)) continue;
      const invalidate = invalidateEvent(entry);
      if (invalidate.data <= this.#seen) continue;
      const isShown = seesDrops(this.#request) && this.#passes(invalidate.data);
      if (isShown && events.length >= rowsMax) break;
      if (isShown) events.push(invalidate.event);
      return this.#reply(events, invalidate.data, 0n);
    }
    if (at >= entries.length) this.#moveTo(operationTime, highWaterToken(operationTime));
    return this.#reply(events, this.#mark, CURSOR_ID);
  }

  #take(entry: MemoryEntry, events: Uint8Array[]): void {
    const isSought = isSelected(entry, this.#request) && this.#passes(entry.data);
    if (!isSought) {
      this.#seen = this.#isSplit(entry) ? endOfSplit(entry) : entry.data;
      return this.#moveTo(entry.time, highWaterToken(entry.time));
    }
    const left = this.#produce(entry).filter(({ data }) => data > this.#seen);
    const [first] = left;
    // A fragment fills a reply: the others come with the next ones.
    if (first === undefined || (left.length > 1 && events.length > 0)) return;
    events.push(first.event);
    this.#seen = first.data;
    this.#moveTo(entry.time, first.data);
  }

  /** The event, or its fragments. */
  #produce(entry: MemoryEntry): readonly { readonly data: string; readonly event: Uint8Array }[] {
    if (this.#isSplit(entry)) return splitEvent(entry);
    this.#assertProducible(entry);
    return [entry];
  }

  /** Without documents and images an event is small, and has the token of one that is not split. */
  #isSplit({ change }: MemoryEntry): boolean {
    const { images } = this.#request;
    const isWhole = images === "as-set" || images === "when-available";
    return change.unreadable === "too-large" && this.#splitsLargeEvents && isWhole;
  }

  #assertProducible({ change: { unreadable } }: MemoryEntry): void {
    const { images } = this.#request;
    if (unreadable === undefined) return;
    // Where images are taken as they are there, a missing one is null; too large an event stays too large.
    const isPoor = unreadable === "image-missing" || images !== "when-available";
    if (images !== "as-set" && isPoor) return;
    throw new UnreadableEventError(unreadable, "Cannot produce the event");
  }

  #moveTo(time: ClusterTime, mark: string): void {
    if (compareClusterTimes(time, this.#time) > 0) this.#time = time;
    if (mark > this.#mark) this.#mark = mark;
  }

  #assertReached(): void {
    if (compareClusterTimes(this.#time, this.#oplog.oldestTime) >= 0) return;
    throw new HistoryLostError("Cannot read on: the oplog was cut off after the position");
  }

  /** As mongod, which then seeks an event that this change stream never gives (260, 280). */
  #assertOwnEnd({ time, token }: Start): void {
    const { entries } = this.#oplog;
    const entry = token === "" ? undefined : entries[firstAt(entries, time)];
    if (entry === undefined || invalidateEvent(entry).data !== token) return;
    if (endsStream(entry, this.#request.stream)) return;
    throw new HistoryLostError("Cannot go on: the resume token was not found");
  }

  #reply(events: readonly Uint8Array[], mark: string, id: bigint): ServerReply {
    return {
      ...concatEvents(events),
      highWater: positionAfterToken(mark),
      id,
      namespace: "memory",
    };
  }
}

function startOf(stages: readonly Stage[]): Start {
  const options = stages[0]!["$changeStream"] as Stage;
  const passes = (token: string) => stages.every((stage) => passesMatch(stage["$match"], token));
  const time = options["startAtOperationTime"];
  if (time instanceof Timestamp) return { time: { t: time.t, i: time.i }, token: "", passes };
  const token = String((options["startAfter"] as Stage | undefined)?.["_data"]);
  if (isServerToken(token)) return { time: clusterTimeOfToken(token)!, token, passes };
  throw new PermanentError(
    `Cannot open the change stream: KeyString format error in the resume token ${token} [50811]`,
  );
}

/** Whether a query lets an event with this token through, as far as it is about tokens alone. */
function passesMatch(query: unknown, token: string): boolean {
  return Object.entries(query ?? {}).every(([name, value]) => {
    if (name === "$and") return (value as unknown[]).every((each) => passesMatch(each, token));
    if (name === "$or" && (value as unknown[]).every(isAboutToken)) {
      return (value as unknown[]).some((each) => passesMatch(each, token));
    }
    return name !== TOKEN_FIELD || Object.entries(value as Record<string, string>).every(
      ([operator, bound]) => COMPARISONS[operator]!(token, bound),
    );
  });
}

function isAboutToken(query: unknown): boolean {
  return Object.keys(query as Stage).every((name) => name === TOKEN_FIELD);
}

const TOKEN_FIELD = "_id._data";

const COMPARISONS: Readonly<Record<string, (token: string, bound: string) => boolean>> = {
  $gt: (token, bound) => token > bound,
  $gte: (token, bound) => token >= bound,
  $lt: (token, bound) => token < bound,
  $lte: (token, bound) => token <= bound,
};

/** The first entry of a time or after it, by halving. */
function firstAt(entries: readonly MemoryEntry[], time: ClusterTime): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareClusterTimes(entries[middle]!.time, time) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSelected(entry: MemoryEntry, request: ChangeStreamRequest): boolean {
  const { stream, settings } = request;
  const { database, collection, id, to } = entry.change;
  if (stream.level === "collection") {
    if (!concerns(entry, stream)) return false;
    const partition = stream.partition;
    return partition === undefined || partitionOf(id, partition.of) === partition.index;
  }
  if (stream.level === "database" && database !== stream.database) return false;
  if (request.members !== undefined) {
    return request.members.some((member) => concerns(entry, member));
  }
  const names = [collection, to].filter((each) => each !== undefined);
  return collection === undefined ||
    names.some((name) => isNamespaceWanted(settings.namespaces, `${database}.${name}`));
}

/** A rename concerns both names. */
function concerns({ change }: MemoryEntry, name: NamespaceName): boolean {
  const { database, collection, to } = change;
  return database === name.database && [collection, to].includes(name.collection);
}

/** Changes without a document all belong to the first partition. */
function partitionOf(id: ObjectId | undefined, of: number): number {
  if (id === undefined) return 1;
  // The counter at the end of an ObjectId spreads evenly.
  return id.id[11]! % of + 1;
}

function seesDrops({ stream, members }: ChangeStreamRequest): boolean {
  if (members !== undefined) return false;
  return stream.level !== "collection" || stream.partition === undefined ||
    stream.partition.index === 1;
}

function endsStream(entry: MemoryEntry, stream: Stream): boolean {
  const { operation, database } = entry.change;
  if (stream.level === "deployment" || database !== stream.database) return false;
  if (stream.level === "database") return operation === "dropDatabase";
  return (operation === "drop" || operation === "rename") && concerns(entry, stream);
}
