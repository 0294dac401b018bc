import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import { comparePositions, type Position } from "../../src/model/position.ts";
import { type Stream, streamKey } from "../../src/model/stream.ts";
import { invalidateEvent, type MemoryEntry } from "../../src/source/memory/memory_oplog.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import type { NamespaceFilter } from "../../src/model/settings.ts";
import { isNamespaceWanted } from "../../src/model/namespace_filter.ts";
import { POISON } from "./frail_encoder.ts";

/** An event as a stream should bring it. */
export interface TrueEvent {
  readonly data: string;
  readonly time: ClusterTime;
  readonly database: string;
  /** Null for what concerns a whole database. */
  readonly collection: string | null;
  /** The server cannot produce it, or an encoder dies on it: it may be a dead letter. */
  readonly isBroken: boolean;
  /** It tells that the server has ended a change stream: no event where a stream is read by namespace. */
  readonly isInvalidate: boolean;
}

/**
 * All changes that ever happened, also those that the oplog has lost, and which of them are events of a stream. Written
 * apart from the source in memory, so that a mistake there is found.
 */
export class TrueEvents {
  readonly #entries: MemoryEntry[] = [];
  readonly #streams = new Map<string, { events: TrueEvent[]; seen: number }>();

  add(entry: MemoryEntry): void {
    this.#entries.push(entry);
  }

  /** All collections that ever had an event, of those that a filter lets through. */
  collections(filter: NamespaceFilter): CollectionStream[] {
    const found = new Map<string, CollectionStream>();
    for (const { change: { database, ...names } } of this.#entries) {
      for (const collection of [names.collection, names.to]) {
        const name = `${database}.${collection}`;
        if (collection === undefined || !isNamespaceWanted(filter, name)) continue;
        found.set(name, { level: "collection", database, collection });
      }
    }
    return [...found.values()];
  }

  /** The events of `(from, to]`. */
  between(stream: Stream, from: Position, to: Position): TrueEvent[] {
    const events = this.ofStream(stream);
    return events.slice(countUpTo(events, from), countUpTo(events, to));
  }

  /** All events of the stream since the world began. */
  ofStream(stream: Stream): readonly TrueEvent[] {
    const key = streamKey(stream);
    let known = this.#streams.get(key);
    if (known === undefined) this.#streams.set(key, known = { events: [], seen: 0 });
    for (; known.seen < this.#entries.length; known.seen++) {
      known.events.push(...eventsOf(this.#entries[known.seen]!, stream));
    }
    return known.events;
  }
}

function eventsOf(entry: MemoryEntry, stream: Stream): TrueEvent[] {
  const { change, time, data } = entry;
  const { database, collection = null, operation } = change;
  const isBroken = change.unreadable !== undefined || change.fullDocument?.["a"] === POISON;
  const event = { data, time, database, collection, isBroken, isInvalidate: false };
  const invalidate = () => ({ ...event, data: invalidateEvent(entry).data, isInvalidate: true });
  if (stream.level === "deployment") return [event];
  if (stream.level === "database") {
    if (database !== stream.database) return [];
    if (operation !== "dropDatabase") return [event];
    return [event, invalidate()];
  }
  // A rename is told under both names.
  const names = [collection, change.to];
  if (database !== stream.database || !names.includes(stream.collection)) return [];
  if (!belongs(entry, stream.partition)) return [];
  if (operation !== "drop" && operation !== "rename") return [event];
  // An invalidate lies with what is watched, whichever name it had.
  return [event, { ...invalidate(), collection: stream.collection }];
}

function belongs(entry: MemoryEntry, partition: { index: number; of: number } | undefined) {
  if (partition === undefined) return true;
  const id = entry.change.id;
  // What concerns no document belongs to the first.
  if (id === undefined) return partition.index === 1;
  return parseInt(id.toHexString().slice(-2), 16) % partition.of === partition.index - 1;
}

function countUpTo(events: readonly TrueEvent[], position: Position): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { time, data } = events[middle]!;
    if (comparePositions({ operationTime: time, data }, position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the oplog had lost something after the position when it began at `oldest`. */
export function isLost(position: Position, oldest: ClusterTime): boolean {
  return compareClusterTimes(position.operationTime, oldest) < 0;
}
