import type { ClusterTime } from "./cluster_time.ts";
import type { Position } from "./position.ts";
import type { StreamSettings } from "./settings.ts";
import type { Stream } from "./stream.ts";

/**
 * The versions of the record format that this program reads and can write; a reader stops at a later one. Which one a
 * writer uses, and how versions live together, is decided in `pipeline/record/record_format.ts`.
 *
 * Version 2 has the checksums of objects and what a redo made otherwise (`remade`), and a reader of it leaves out fields
 * that it does not know: whoever adds one that must not be left out takes a new version.
 *
 * Version 3 has the setting `reading`. Version 4 has chunks, and is of the journals of ranges of snapshots alone.
 */
export const RECORD_VERSIONS = [1, 2, 3, 4] as const;

/** Those of the journals of streams; what came later is of ranges of snapshots alone. */
export const STREAM_RECORD_VERSIONS = [1, 2, 3] as const;

/** That of all records of ranges. */
export const RANGE_RECORD_VERSION = 4;

export type RecordVersion = (typeof RECORD_VERSIONS)[number];

/** One entry of a stream's journal. `protocol` in `src/README.md` says when each kind is appended. */
export type JournalRecord =
  | GenesisRecord
  | BatchRecord
  | HeartbeatRecord
  | SettingsRecord
  | ReopenedRecord
  | GapRecord
  | VoidRecord
  | EmptiedRecord
  | ClosedRecord;

export type RecordKind = JournalRecord["kind"];

/**
 * The version from which each kind is known. Whoever adds a kind takes a new version and says so here: a program that does
 * not know a kind stops at it, so it may be written only where all that read the journal know it.
 */
export const KIND_SINCE: Readonly<Record<RecordKind, RecordVersion>> = {
  genesis: 1,
  batch: 1,
  heartbeat: 1,
  settings: 1,
  reopened: 1,
  gap: 1,
  void: 1,
  emptied: 4,
  closed: 1,
};

/** What every record says. */
export interface RecordBase {
  readonly v: RecordVersion;
  /** Dense from 0. */
  readonly seq: number;
  /** The range of the stream it covers, `(from, to]`; `from` is `to` of the record before. */
  readonly from: Position;
  readonly to: Position;
  /** Random for each content: the same id means the same bytes, written by us. */
  readonly id: string;
  readonly owner: string;
  readonly generation: number;
  /** The seq of the genesis or settings record whose settings this record was made with. */
  readonly settingsSeq: number;
  /** All objects of records up to this seq were there when this record was appended; -1: none known. */
  readonly durableThrough: number;
  /** Wall clock of the writer (ISO 8601), for people; nothing depends on it. */
  readonly writtenAt: string;
}

/** Which MongoDB the stream is read from; fields that the user may not ask for are absent. */
export interface SourceIdentity {
  readonly replicaSetId?: string;
  readonly clusterId?: string;
  readonly setName?: string;
}

export interface GenesisRecord extends RecordBase {
  readonly kind: "genesis";
  /** What is watched, in full: a key may hold a shortened name. */
  readonly stream: Stream;
  /** Eight random hex digits, another for each journal. Keys of objects had it before they had the record's id. */
  readonly lake: string;
  readonly source: SourceIdentity;
  readonly collectionUuid?: string;
  readonly settings: StreamSettings;
  /** The collection had no document there or later: no snapshot was needed. Absent: nobody knows. From version 2 on. */
  readonly wasEmpty?: true;
}

export interface BatchRecord extends RecordBase {
  readonly kind: "batch";
  readonly objects: readonly ObjectEntry[];
  readonly deadLetters: readonly DeadLetterEntry[];
  /** What part of a collection it is, in the journal of a snapshot's range. From version 4 on. */
  readonly chunk?: Chunk;
}

/** A part of a piece, `[from, to)`, as it was at one time. */
export interface Chunk {
  /** Its number among the pieces of the range. */
  readonly piece: number;
  /** Absent: from the piece's beginning. */
  readonly from?: string;
  /** Absent: to the piece's end. */
  readonly to?: string;
  readonly at: ClusterTime;
  /** The number of its first document; the next chunk's is this and theirs. */
  readonly row: number;
  /** Of the objects of all chunks before it, for people; absent in the first journals. */
  readonly bytes?: number;
  /** The emptied chunk for which it, or with others, stands. */
  readonly repeats?: number;
  /** Nothing was read: the collection is another one now. */
  readonly superseded?: true;
}

/** Objects of these chunks were made empty, for their time cannot be read again; chunks after it repeat them. */
export interface EmptiedRecord extends RecordBase {
  readonly kind: "emptied";
  readonly chunks: readonly number[];
}

/** One object of a batch. `key` is relative to the destination's prefix, so that a copied lake stays whole. */
export interface ObjectEntry {
  readonly key: string;
  readonly database: string;
  readonly collection: string | null;
  /** `2026-11-20T17`, `2026-11-20` or empty, as the key rule's bucket says. */
  readonly bucket: string;
  readonly rows: number;
  readonly bytes: number;
  /** CRC-32 (ISO-HDLC, as gzip and S3 have it) of the bytes, eight hex digits in lower case; from version 2 on. */
  readonly crc32?: string;
}

/** A file of concatenated BSON events that could not be encoded, with the reason of each. */
export interface DeadLetterEntry {
  readonly key: string;
  readonly bytes: number;
  /** As that of an object. */
  readonly crc32?: string;
  readonly events: readonly { readonly data: string; readonly reason: string }[];
}

export interface HeartbeatRecord extends RecordBase {
  readonly kind: "heartbeat";
  /** What a redo stored otherwise than recorded: its rows are the same, its bytes are not. From version 2 on. */
  readonly remade?: readonly RemadeEntry[];
}

/** What lies under a key that an earlier record names, where it is not what that record says. */
export interface RemadeEntry {
  /** The record that names the object. */
  readonly seq: number;
  readonly key: string;
  readonly bytes: number;
  readonly crc32: string;
}

export interface SettingsRecord extends RecordBase {
  readonly kind: "settings";
  /** Which MongoDB it is from here on; differs from the genesis only after an operator adopted another one. */
  readonly source: SourceIdentity;
  readonly settings: StreamSettings;
  readonly changed: readonly string[];
}

/** The stream was invalidated (its collection or database was dropped or renamed) and goes on after it. */
export interface ReopenedRecord extends RecordBase {
  readonly kind: "reopened";
}

/** Events between `from` and `to` were not read: history was lost, or an operator moved the position. */
export interface GapRecord extends RecordBase {
  readonly kind: "gap";
  readonly reason: string;
}

/** Objects of earlier records that can never be made any more. */
export interface VoidRecord extends RecordBase {
  readonly kind: "void";
  readonly objects: readonly {
    readonly seq: number;
    readonly key: string;
    readonly rows: number;
  }[];
  readonly reason: string;
}

/** Why a range was closed before all of it was read. */
export const RANGE_CANCELLED = "cancelled";

/** Nobody appends after this one. */
export interface ClosedRecord extends RecordBase {
  readonly kind: "closed";
  readonly reason: string;
}

/** Records that name objects are durable once those are there; all others at once. */
export function namesObjects(record: JournalRecord): record is BatchRecord {
  return record.kind === "batch" && record.objects.length + record.deadLetters.length > 0;
}
