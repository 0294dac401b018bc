import { createHash } from "node:crypto";
import type { ClusterTime } from "./cluster_time.ts";
import { positionAfterTime } from "./position.ts";
import type { StreamSettings } from "./settings.ts";
import { parseStreamKey, type Stream, streamName, targetKey } from "./stream.ts";

/** A part of one collection, `[from, to)` in the server's order; bounds are BSON documents `{_id: x}` in base64. */
export interface Piece {
  readonly database: string;
  readonly collection: string;
  /** 32 hex digits; a collection that was dropped and made anew has another one. */
  readonly uuid: string;
  /** Absent: from the least. */
  readonly from?: string;
  /** Absent: to the greatest there is. */
  readonly to?: string;
  /** Nothing but this `_id`. */
  readonly only?: string;
  /** The server cannot read it as it was at one time. */
  readonly isCapped?: true;
}

/** That a snapshot is due: put before the start of the stream that it belongs to, or when a person asks. */
export interface SnapshotIntent {
  readonly v: 1;
  readonly id: string;
  readonly reason: "initial" | "asked" | "history-lost" | "renamed";
  /** Whose events go on behind it; its names are in full. */
  readonly stream: Stream;
  /** What is read, where that is a part of what the stream brings. */
  readonly target?: Stream;
  /** Only documents that fit: a filter of MongoDB's in canonical extended JSON. */
  readonly where?: string;
  /** The record that says that something is lost: if another one has that number, nothing is to be read. */
  readonly lost?: { readonly stream: string; readonly seq: number };
  /** The one collection that is read, as it is from that time on. */
  readonly onto?: RenamedOnto;
  readonly writtenAt: string;
}

/** A person wants no more of it. */
export interface SnapshotCancel {
  readonly v: 1;
  readonly id: string;
  readonly writtenAt: string;
}

/** A collection that another one was renamed onto: its documents came without events. */
export interface RenamedOnto extends CollectionName {
  readonly at: ClusterTime;
}

export interface CollectionName {
  readonly database: string;
  readonly collection: string;
}

/** What documents become rows with that were read at one time. They are numbered in their order; `row` is of the first. */
export interface SnapshotRows extends CollectionName {
  readonly time: ClusterTime;
  readonly suffix: string;
  readonly row: number;
}

/** All ranges of a snapshot are closed. */
export interface SnapshotEnd {
  readonly v: 1;
  readonly id: string;
  /** Absent: all that was planned is read. */
  readonly outcome?: "cancelled";
  /** Null: all. */
  readonly database?: string | null;
  readonly collection?: string | null;
  /** Documents without a greater token are gone; absent where nothing is known of that. */
  readonly before?: string;
  /** But not documents of these. */
  readonly except?: readonly CollectionName[];
  readonly writtenAt: string;
}

/** What a snapshot reads, fixed once. */
export interface SnapshotPlan {
  readonly v: 1;
  readonly id: string;
  readonly stream: Stream;
  /** What is read, where that is a part of what the stream brings. */
  readonly target?: Stream;
  /** As in the intent. Such a snapshot says nothing of documents that it does not have. */
  readonly where?: string;
  /** No document counts that was read at an earlier time. */
  readonly floor: ClusterTime;
  readonly ranges: readonly { readonly pieces: readonly Piece[] }[];
  /** For the first record of each range. */
  readonly settings: StreamSettings;
  /** An estimate, for people. */
  readonly documents: number;
  /** Read by snapshots of their own; and before capped collections could be read, these. */
  readonly leftOut: readonly CollectionName[];
  readonly writtenAt: string;
}

/** A range of a snapshot, the unit of ownership as a stream is. */
export interface RangeToRun {
  readonly plan: SnapshotPlan;
  /** From 1. */
  readonly index: number;
  /** Aborted when it is to be read no further, and closed. Absent: it goes on to its end. */
  readonly cancelled?: AbortSignal;
}

/** Of the snapshot that is taken when a target is streamed for the first time. */
export function initialId(stream: Stream): string {
  return `${targetKey(stream)}.initial`;
}

/** Of what nobody had that a stream follows; it is not of all, so no other one is spared for it. */
export function restId(stream: Stream): string {
  return `${targetKey(stream)}.rest`;
}

/** Of a snapshot that a person asked for, the one with this number, from 1. */
export function askedId(target: Stream, number: number): string {
  return `${targetKey(target)}.asked-${number}`;
}

/** Of a whole snapshot in orders: who pauses it, pauses all of its ranges. */
export function snapshotKey(id: string): string {
  return PREFIX + id;
}

/** Of the news that a person wants no more of a snapshot; that one is due has the key of the whole. */
export function cancelledKey(id: string): string {
  return `${snapshotKey(id)}.cancelled`;
}

/** Of the snapshot that is taken because the record with this number says that something is lost. */
export function lostId(stream: Stream, seq: number): string {
  const partition = stream.level === "collection" ? stream.partition : undefined;
  const place = partition === undefined ? [] : [partition.epoch, partition.index, partition.of];
  return `${targetKey(stream)}.gap-${[...place, seq].join("-")}`;
}

/** Of the snapshot that is taken because a collection was renamed onto another one at that time. */
export function renamedId(stream: Stream, { at }: RenamedOnto): string {
  return `${targetKey(stream)}.onto-${at.t}-${at.i}`;
}

/** Whether such a snapshot is of all that was there, for whatever reason it was taken. */
export function isOfAll(id: string): boolean {
  return /\.(initial|gap-[0-9-]+)$/.test(id);
}

/** Of a range in keys of the lake and where instances meet. */
export function rangeKey(id: string, index: number, of: number): string {
  return `${PREFIX}${id}.${index}of${of}`;
}

const PREFIX = "snapshot.";

export function isRangeKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

export interface RangeKeyParts {
  readonly id: string;
  readonly index: number;
  readonly of: number;
  /** Of which it is a snapshot; absent where the id was shortened. */
  readonly stream?: Stream;
}

export function parseRangeKey(key: string): RangeKeyParts | undefined {
  const match = /^snapshot\.((.+)\.[a-z]+(?:-[0-9a-f-]+)?)\.(\d+)of(\d+)$/.exec(key);
  if (match === null) return undefined;
  const stream = parseStreamKey(match[2]!);
  return {
    ...{ id: match[1]!, index: Number(match[3]), of: Number(match[4]) },
    ...(stream === undefined ? {} : { stream }),
  };
}

/** `snapshot:shop.orders 3/16`: how people see and name a range; without numbers all of a snapshot. */
export function rangeName(key: string): string {
  const parts = parseRangeKey(key);
  const stream = parts === undefined ? streamOfSnapshot(key) : parts.stream;
  if (stream === undefined) return key;
  const name = `snapshot:${streamName(stream).replace(/^collection:/, "")}`;
  return parts === undefined ? name : `${name} ${parts.index}/${parts.of}`;
}

function streamOfSnapshot(key: string): Stream | undefined {
  const match = /^snapshot\.(.+)\.[a-z]+(?:-[0-9a-f-]+)?$/.exec(key);
  return match === null ? undefined : parseStreamKey(match[1]!);
}

/** What the tokens of a range's rows have in common behind the time. */
export function rowSuffix(id: string, index: number): string {
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 8).toUpperCase();
  return hash + index.toString(16).toUpperCase().padStart(4, "0");
}

/** Sorts behind all events of its time and before every later one; always of the same length. */
export function rowToken(time: ClusterTime, suffix: string, row: number): string {
  return positionAfterTime(time).data + suffix + row.toString(16).toUpperCase().padStart(12, "0");
}
