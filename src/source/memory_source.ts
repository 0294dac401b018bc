import type { ObjectId } from "mongodb";
import { compareClusterTimes, formatClusterTime } from "../model/cluster_time.ts";
import {
  HistoryLostError,
  PermanentError,
  TransientError,
  UnreadableEventError,
} from "../model/errors.ts";
import { isNamespaceWanted } from "../model/namespace_filter.ts";
import { comparePositions, type Position, positionAfterToken } from "../model/position.ts";
import type { Stream } from "../model/stream.ts";
import type { EventCursor, OpenRequest, Source, SourceReply } from "../pipeline/stages.ts";
import type { Clock } from "../support/clock.ts";
import { Wake } from "../support/wake.ts";
import { invalidateEvent, type MemoryEntry, type MemoryOplog } from "./memory_oplog.ts";
import { highWaterToken } from "./memory_token.ts";

export interface MemorySourceOptions {
  readonly oplog: MemoryOplog;
  readonly clock: Clock;
  /** How long an idle stream waits before it answers with no events. Default 1000. */
  readonly awaitMs?: number;
}

const AWAIT_MS = 1_000;

/** Entries that one reply looks at, at most: a stream that wants few of them still moves its position. */
const SCAN_MAX = 100_000;

/**
 * Change streams over an oplog in memory, with the behaviour of the real ones, for benches and simulation. User stages
 * need a server and are refused; which images an event carries was decided when it was appended.
 */
export function createMemorySource(options: MemorySourceOptions): Source {
  const { oplog } = options;
  return {
    describe: () =>
      Promise.resolve({
        identity: { setName: "memory" },
        operationTime: oplog.operationTime,
        oldestOplogTime: oplog.oldestTime,
        version: "memory",
      }),
    // deno-lint-ignore require-await -- What it throws must be a rejection.
    open: async (request, signal) => {
      signal.throwIfAborted();
      checkRequest(oplog, request);
      return new MemoryCursor(request, options);
    },
  };
}

function checkRequest(oplog: MemoryOplog, request: OpenRequest): void {
  if (request.settings.stages.length > 0) {
    throw new PermanentError("Cannot open a change stream in memory: it has no pipeline stages");
  }
  const { operationTime, data } = request.from;
  const at = formatClusterTime(operationTime);
  if (compareClusterTimes(operationTime, oplog.oldestTime) < 0) {
    throw new HistoryLostError(`Cannot go on from ${at}: the oldest entry of the oplog is newer`);
  }
  if (compareClusterTimes(operationTime, oplog.operationTime) > 0) {
    throw new HistoryLostError(`Cannot go on from ${at}: the last entry of the oplog is older`);
  }
  if (data !== "" && !oplog.knows(operationTime)) {
    throw new HistoryLostError(`Cannot go on from ${at}: MongoDB has no operation of that time`);
  }
}

class MemoryCursor implements EventCursor {
  readonly #request: OpenRequest;
  readonly #options: MemorySourceOptions;
  readonly #wake: Wake;
  readonly #stopListening: () => void;
  /** The token up to which everything was seen; they compare as strings. */
  #seen: string;
  #position: Position;
  #isClosed = false;
  #isEnded = false;

  constructor(request: OpenRequest, options: MemorySourceOptions) {
    this.#request = request;
    this.#options = options;
    this.#position = request.from;
    this.#seen = request.from.data || highWaterToken(request.from.operationTime);
    this.#wake = new Wake(options.clock);
    this.#stopListening = options.oplog.onAppend(() => this.#wake.ring());
  }

  async next(rowsMax: number): Promise<SourceReply> {
    const { clock, awaitMs = AWAIT_MS } = this.#options;
    if (this.#isEnded) {
      throw new PermanentError("Cannot read on: the server has ended this change stream");
    }
    const startMs = clock.monotonicMs();
    const deadlineMs = startMs + awaitMs;
    while (true) {
      if (this.#isClosed) {
        throw new TransientError("Cannot read on: the change stream was closed");
      }
      const reply = this.#read(rowsMax);
      const leftMs = deadlineMs - clock.monotonicMs();
      if (reply.starts.length > 0 || reply.invalidated || leftMs <= 0) {
        return { ...reply, waitMs: clock.monotonicMs() - startMs };
      }
      await this.#wake.wait(leftMs);
    }
  }

  // deno-lint-ignore require-await -- There is nothing to wait for.
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    this.#wake.ring();
  }

  #read(rowsMax: number): Omit<SourceReply, "waitMs"> {
    const { oplog } = this.#options;
    const { stream, images } = this.#request;
    if (compareClusterTimes(this.#position.operationTime, oplog.oldestTime) < 0) {
      throw new HistoryLostError("Cannot read on: the oplog was cut off after the position");
    }
    const events: Uint8Array[] = [];
    const entries = oplog.entries;
    let at = firstAfter(entries, this.#position);
    const scanEnd = Math.min(entries.length, at + SCAN_MAX);
    for (; at < scanEnd && events.length < rowsMax; at++) {
      const entry = entries[at]!;
      if (isSelected(entry, this.#request) && entry.data > this.#seen) {
        if (entry.change.unreadable !== undefined && images === "as-set") {
          throw new UnreadableEventError(entry.change.unreadable, "Cannot produce the event");
        }
        events.push(entry.event);
      }
      this.#moveTo(entry.data);
      if (!endsStream(entry, stream)) continue;
      const invalidate = invalidateEvent(entry);
      if (invalidate.data <= this.#seen) {
        // The position is behind this invalidate already; only its mark lets the stream go on.
        if (this.#request.from.invalidate === true) continue;
      } else if (seesDrops(stream)) {
        if (events.length >= rowsMax) break;
        events.push(invalidate.event);
      }
      return this.#end(events, invalidate.data);
    }
    if (at >= entries.length) this.#moveTo(highWaterToken(oplog.operationTime));
    return { ...concat(events), highWater: this.#advance(), invalidated: false };
  }

  #end(events: Uint8Array[], data: string): Omit<SourceReply, "waitMs"> {
    this.#isEnded = true;
    const highWater: Position = { ...positionAfterToken(data), invalidate: true };
    return { ...concat(events), highWater, invalidated: true };
  }

  #moveTo(data: string): void {
    if (data > this.#seen) this.#seen = data;
  }

  /** The position itself for as long as nothing was seen after it: it may carry the mark of an invalidate. */
  #advance(): Position {
    if (this.#seen > this.#position.data) {
      const reached = positionAfterToken(this.#seen);
      if (comparePositions(reached, this.#position) > 0) this.#position = reached;
    }
    return this.#position;
  }
}

/** The first entry of the position's time, by halving. */
function firstAfter(entries: readonly MemoryEntry[], position: Position): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareClusterTimes(entries[middle]!.time, position.operationTime) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSelected(entry: MemoryEntry, request: OpenRequest): boolean {
  const { stream, settings } = request;
  const { database, collection, id } = entry.change;
  if (stream.level === "collection") {
    if (database !== stream.database || collection !== stream.collection) return false;
    const partition = stream.partition;
    return partition === undefined || partitionOf(id, partition.of) === partition.index;
  }
  if (stream.level === "database" && database !== stream.database) return false;
  return collection === undefined ||
    isNamespaceWanted(settings.namespaces, `${database}.${collection}`);
}

/** Changes without a document all belong to the first partition. */
function partitionOf(id: ObjectId | undefined, of: number): number {
  if (id === undefined) return 1;
  // The counter at the end of an ObjectId spreads evenly.
  return id.id[11]! % of + 1;
}

function seesDrops(stream: Stream): boolean {
  return stream.level !== "collection" || stream.partition === undefined ||
    stream.partition.index === 1;
}

function endsStream(entry: MemoryEntry, stream: Stream): boolean {
  const { operation, database, collection } = entry.change;
  if (stream.level === "deployment" || database !== stream.database) return false;
  if (stream.level === "database") return operation === "dropDatabase";
  return operation === "drop" && collection === stream.collection;
}

function concat(events: readonly Uint8Array[]): { bytes: Uint8Array; starts: Uint32Array } {
  const bytes = new Uint8Array(events.reduce((sum, event) => sum + event.length, 0));
  const starts = new Uint32Array(events.length);
  let at = 0;
  for (const [index, event] of events.entries()) {
    starts[index] = at;
    bytes.set(event, at);
    at += event.length;
  }
  return { bytes, starts };
}
