import { createHash } from "node:crypto";
import { BSON, type ObjectId, Timestamp } from "mongodb";
import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { fragmentToken, tokenData, type TokenParts } from "./memory_token.ts";

/** One change, as an application makes it. */
export interface MemoryChange {
  readonly operation:
    | "insert"
    | "update"
    | "replace"
    | "delete"
    | "drop"
    | "rename"
    | "dropDatabase";
  readonly database: string;
  /** Absent for dropDatabase only. */
  readonly collection?: string;
  /** What a renamed collection is called from then on, in the same database; what had that name is gone. */
  readonly to?: string;
  /** The document's `_id`; absent for drops. */
  readonly id?: ObjectId;
  readonly fullDocument?: BSON.Document;
  readonly updateDescription?: BSON.Document;
  /** The server cannot produce this event as long as it is asked for images. */
  readonly unreadable?: "image-missing" | "too-large";
}

/** A change with its place in the oplog and the event it leads to. */
export interface MemoryEntry {
  readonly time: ClusterTime;
  readonly change: MemoryChange;
  /** The `_data` of the event's token. */
  readonly data: string;
  /** The change event as BSON. */
  readonly event: Uint8Array;
  readonly uuid: string;
}

/**
 * An oplog in memory: changes are appended, and the oldest can be cut off. All streams of a memory source read it.
 * The same changes in the same order give the same bytes.
 */
export class MemoryOplog {
  readonly #entries: MemoryEntry[] = [];
  readonly #waiting = new Set<() => void>();
  /** Each drop gives the namespace a new one, as the server does. */
  readonly #incarnations = new Map<string, number>();
  /** The UUIDs of collections that were made by another name. */
  readonly #renamed = new Map<string, string>();
  readonly #collections = new Set<string>();
  #now: ClusterTime;
  #oldest: ClusterTime;
  /** What a restore has lost: everything between the backup and what was done after it. */
  #lost: { readonly after: ClusterTime; before?: ClusterTime } | undefined;

  /** @param start the time of the first entry ever, which is no change. */
  constructor(start: ClusterTime) {
    this.#now = start;
    this.#oldest = start;
  }

  /** The time of the last entry. */
  get operationTime(): ClusterTime {
    return this.#now;
  }

  /** From here on the oplog is whole. */
  get oldestTime(): ClusterTime {
    return this.#oldest;
  }

  /** Whether the server had operations at that time, as far as its oplog tells: none if a restore has lost them. */
  knows(time: ClusterTime): boolean {
    const { after, before } = this.#lost ?? {};
    if (after === undefined || before === undefined) return true;
    return compareClusterTimes(time, after) <= 0 || compareClusterTimes(time, before) >= 0;
  }

  /** All entries that have not been cut off, in order. */
  get entries(): readonly MemoryEntry[] {
    return this.#entries;
  }

  /** Appends a change in the present second. */
  append(change: MemoryChange): MemoryEntry {
    const [entry] = this.appendTransaction([change]);
    return entry!;
  }

  /** Appends changes that have one time, as those of a transaction have. */
  appendTransaction(changes: readonly MemoryChange[]): MemoryEntry[] {
    this.#moveTo({ t: this.#now.t, i: this.#now.i + 1 });
    const entries = changes.map((change, index) => this.#entryOf(change, index));
    this.#entries.push(...entries);
    for (const change of changes) this.#noteNamespace(change);
    this.#ring();
    return entries;
  }

  /** The collections that there are now, as `db.coll`, in order of their names. */
  get collections(): readonly string[] {
    return [...this.#collections].sort();
  }

  /** Time passes without changes, as the server's no-op entries show it. */
  advanceTo(time: ClusterTime): void {
    if (compareClusterTimes(time, this.#now) <= 0) return;
    this.#moveTo(time);
    this.#ring();
  }

  /** Cuts off all entries before `time`. */
  truncateBefore(time: ClusterTime): void {
    const kept = this.#entries.findIndex((entry) => compareClusterTimes(entry.time, time) >= 0);
    this.#entries.splice(0, kept < 0 ? this.#entries.length : kept);
    if (compareClusterTimes(time, this.#oldest) > 0) this.#oldest = time;
  }

  /** What a server has that was restored from a backup of that time, or lags so far behind. */
  restoredAt(time: ClusterTime): MemoryOplog {
    const restored = new MemoryOplog(this.#oldest);
    const isKept = (entry: MemoryEntry) => compareClusterTimes(entry.time, time) <= 0;
    restored.#entries.push(...this.#entries.filter(isKept));
    restored.advanceTo(time);
    restored.#lost = { after: time };
    for (const [namespace, count] of this.#incarnations) {
      restored.#incarnations.set(namespace, count);
    }
    for (const [namespace, uuid] of this.#renamed) restored.#renamed.set(namespace, uuid);
    return restored;
  }

  /** Calls `listener` at each change of the oplog, until the result is called. */
  onAppend(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  #entryOf(change: MemoryChange, index: number): MemoryEntry {
    const time = this.#now;
    const uuid = this.#collectionUuid(change);
    const data = tokenData({ ...tokenParts(time, uuid, change, false), index });
    return { time, change, data, event: encodeEvent(data, time, change.operation, change), uuid };
  }

  #noteNamespace(change: MemoryChange): void {
    const { operation, database, collection } = change;
    const isThere = operation === "insert" || operation === "update" || operation === "replace";
    if (isThere) this.#collections.add(`${database}.${collection}`);
    if (operation !== "drop" && operation !== "rename") return;
    const uuid = this.#collectionUuid(change);
    const wasThere = this.#collections.delete(`${database}.${collection}`);
    this.#renew(change);
    if (change.to === undefined) return;
    this.#renamed.set(`${database}.${change.to}`, uuid);
    if (wasThere) this.#collections.add(`${database}.${change.to}`);
  }

  #moveTo(time: ClusterTime): void {
    this.#now = time;
    if (this.#lost !== undefined) this.#lost.before ??= time;
  }

  #ring(): void {
    for (const listener of [...this.#waiting]) listener();
  }

  #collectionUuid(change: MemoryChange): string {
    const namespace = `${change.database}.${change.collection ?? ""}`;
    const renamed = this.#renamed.get(namespace);
    if (renamed !== undefined) return renamed;
    const text = `${namespace} ${this.#incarnations.get(namespace) ?? 0}`;
    return createHash("sha256").update(text).digest("hex").slice(0, 32).toUpperCase();
  }

  #renew(change: MemoryChange): void {
    const namespace = `${change.database}.${change.collection ?? ""}`;
    this.#incarnations.set(namespace, (this.#incarnations.get(namespace) ?? 0) + 1);
    this.#renamed.delete(namespace);
  }
}

/** The invalidate event that a stream gets after the entry that dropped or renamed what it watches. */
export function invalidateEvent(entry: MemoryEntry): { data: string; event: Uint8Array } {
  const data = tokenData(tokenParts(entry.time, entry.uuid, entry.change, true));
  return { data, event: encodeEvent(data, entry.time, "invalidate", undefined) };
}

/**
 * The fragments in which a server sends an event that is over 16 MB. Their tokens sort behind the one that the event has
 * before it is split, and it is that one to which stages before the splitting are applied.
 */
export function splitEvent({ data, event }: MemoryEntry): { data: string; event: Uint8Array }[] {
  const { _id, fullDocument, updateDescription, ...head } = BSON.deserialize(event);
  const parts = [head, { fullDocument }, { updateDescription }];
  return parts.map((fields, index) => {
    const fragment = index + 1;
    const token = fragmentToken(data, fragment);
    const splitEvent = { fragment, of: FRAGMENTS };
    const document = { _id: { ..._id, _data: token }, splitEvent, ...fields };
    return { data: token, event: BSON.serialize(document, { ignoreUndefined: true }) };
  });
}

/** The token of the last fragment: it is the position behind the event. */
export function endOfSplit({ data }: MemoryEntry): string {
  return fragmentToken(data, FRAGMENTS);
}

const FRAGMENTS = 3;

function tokenParts(
  time: ClusterTime,
  uuid: string,
  change: MemoryChange,
  fromInvalidate: boolean,
): TokenParts {
  const base = { time, fromInvalidate };
  if (change.operation === "dropDatabase") return base;
  return change.id === undefined || fromInvalidate
    ? { ...base, uuid }
    : { ...base, uuid, id: change.id.toHexString().toUpperCase() };
}

function encodeEvent(
  data: string,
  time: ClusterTime,
  operation: string,
  change: MemoryChange | undefined,
): Uint8Array {
  const event: BSON.Document = {
    _id: { _data: data },
    operationType: operation,
    clusterTime: new Timestamp(time),
    wallTime: BSON.EJSON.deserialize({ $date: { $numberLong: String(time.t * 1000) } }),
  };
  if (change === undefined) return BSON.serialize(event);
  if (change.fullDocument !== undefined) event["fullDocument"] = change.fullDocument;
  event["ns"] = change.collection === undefined
    ? { db: change.database }
    : { db: change.database, coll: change.collection };
  if (change.to !== undefined) event["to"] = { db: change.database, coll: change.to };
  if (change.id !== undefined) event["documentKey"] = { _id: change.id };
  if (change.updateDescription !== undefined) {
    event["updateDescription"] = change.updateDescription;
  }
  return BSON.serialize(event);
}
