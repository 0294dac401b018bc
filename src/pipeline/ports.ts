/**
 * The interfaces of the data plane, in the order of the flow: source, encoder, journal, the store it lies in, state store,
 * and the lease under which all of it happens; what delivers objects is in `sink.ts`, what finds collections in `namespaces.ts`, what reads documents in `documents.ts`. The pipeline declares what it needs;
 * the folders `source`, `encode`, `journal`, `destination`, `sink`, `state` and `coordinate` provide it. The comment on each
 * is the contract, and `tests/contract` holds every implementation to it.
 */
import type { Losses } from "../model/losses.ts";
import type { JournalRecord, SourceIdentity } from "../model/record.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import type { Coverage } from "../model/coverage.ts";
import type { Layout, LayoutIntent } from "../model/layout.ts";
import type { Position } from "../model/position.ts";
import type { Redrive } from "../model/redrive.ts";
import type { SnapshotRows } from "../model/snapshot.ts";
import type { RowEncoding, StreamSettings } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";

/** The server that change streams are read from. Methods throw the errors of `model/errors.ts`. */
export interface Source {
  /** Asks the server who and where it is; never answered from memory. */
  describe(signal: AbortSignal): Promise<SourceDescription>;

  /**
   * Opens a change stream just after `request.from`.
   *
   * Opens by operation time and leaves out what is not after `from.data`, except after an invalidate, where it starts
   * after the token. Events are without the fields that the settings' `redact` names. An event before that is not met again, also if the server cannot produce it. `HistoryLostError` if the oplog no longer reaches back to `from`, or ends before it.
   */
  open(request: OpenRequest, signal: AbortSignal): Promise<EventCursor>;

  /**
   * Throws `PermanentError` if the `_data` of a token is not of a form that the server makes. Whether it has the event is
   * another question. Left out where nothing depends on the form of tokens.
   */
  checkToken?(stream: Stream, data: string, signal: AbortSignal): Promise<void>;
}

export interface SourceDescription {
  readonly identity: SourceIdentity;
  /** The last operation the server knows. */
  readonly operationTime: ClusterTime;
  /** The oldest entry of the oplog; absent where the user may not read it or there is none (mongos). */
  readonly oldestOplogTime?: ClusterTime;
  /** Nothing has ever fallen out of the oplog; absent where something has, or it is not known. */
  readonly isOplogWhole?: true;
  readonly version: string;
}

export interface OpenRequest {
  readonly stream: Stream;
  readonly from: Position;
  /**
   * The token of an event after which none is wanted. What comes after it is not even looked at where the source can do
   * that, and may be given all the same; the mark goes on beyond it, and the cursor does not end by itself.
   */
  readonly through?: Position;
  /** Of these only what selects and shapes events is looked at. */
  readonly settings: StreamSettings;
  /**
   * `as-set`, or a poorer form of events that the server cannot produce as they should be: `when-available` takes null for
   * missing images, `off` asks for no looked-up documents or images, `none-but-names` for nothing but what an event is
   * about. All of them leave user stages out.
   */
  readonly images: "as-set" | "when-available" | "off" | "none-but-names";
  /** A stream that runs reads on without an end: it may share a change stream. Never with `through` or a poorer form. */
  readonly live?: true;
  /**
   * A source may call it in place of an empty reply: up to here there is nothing for the stream, after a wait. True where that is
   * noted; then `next` waits on. Only while `next` waits.
   */
  readonly nothing?: (upTo: Position, waitMs: number) => boolean;
}

/** An open change stream. Calls of `next` never overlap; `close` may come at any time and makes a waiting `next` reject. */
export interface EventCursor {
  /**
   * The next events of the stream, at most `rowsMax`, waiting a moment (of the source's choice, seconds at most) where
   * there are none yet. Throws `HistoryLostError`, `UnreadableEventError`, `TransientError` (open again from the last
   * position) or `PermanentError`; the cursor is dead after any of them.
   *
   * `ahead` is for sources that can ask for more before this reply is looked at: it says for how many events, 0 for
   * none yet. The next call then gives the answer to that request, whatever its own `rowsMax`.
   */
  next(rowsMax: number, ahead?: () => number): Promise<SourceReply>;
  close(): Promise<void>;
  /** Events that it has ready are counted in the memory budget already, by whoever reads them for several streams. */
  readonly holdsRoom?: boolean;
}

/**
 * Consecutive events of a stream. The receiver may keep `bytes` as long as it likes (the next reply is asked for before
 * this one is handled), but neither change nor transfer it: the driver holds views of the same memory.
 */
export interface SourceReply {
  /** The buffer all events lie in. */
  readonly bytes: Uint8Array;
  /** Where each event, a BSON document, starts in `bytes`; its first four bytes give its length. */
  readonly starts: Uint32Array;
  /** Everything up to here has been seen: at or after the last event's position. */
  readonly highWater: Position;
  /**
   * The server ended the stream because what it watches was dropped or renamed; open again after `highWater`, which is the
   * server's own token of it wherever that is marked as one of an invalidate.
   */
  readonly invalidated: boolean;
  /** How long the server made us wait for this reply. */
  readonly waitMs: number;
  /** Made of what was read before, of nothing perhaps: that it comes says nothing about the server. */
  readonly isSecondHand?: true;
}

/** Encodes the events of one object. */
export interface Encoder {
  /**
   * Takes ownership of the chunks' buffers (they may be transferred to a thread). Events that cannot be encoded are
   * left out of `bytes` and named in `failed`. `EncoderCrashError` if the encoder died on the request.
   */
  encode(request: EncodeRequest): Promise<EncodeResult>;
  /**
   * As `encode` for several objects, whose results come together, in their order; what goes wrong with one does with all.
   * For small ones, to which the way to another thread would cost more than their rows. Left out where there is no way.
   */
  encodeTogether?(requests: readonly EncodeRequest[]): Promise<EncodeResult[]>;
  /**
   * Begins an object whose events come by and by, so that little is left to do when the last has come. Undefined where no
   * encoder is free for that (or, left out, none ever is): then the events are gathered for `encode`. The object becomes
   * the same bytes either way. `bytesExpected`: of raw events, at most; a hint. `progress` is called when chunks have been
   * taken. `PermanentError` as `encode`.
   */
  begin?(
    encoding: RowEncoding,
    bytesExpected: number,
    progress: () => void,
  ): BegunObject | undefined;
}

/** An object that is encoded while its events come. It holds a place at an encoder until `finish` or `drop`. */
export interface BegunObject {
  /** The encoder is busy with what it has: more events would only fill the memory until the next `progress`. */
  readonly isBehind: boolean;
  /** Takes ownership of the chunks' buffers. What goes wrong is told by `finish`. */
  add(chunks: readonly EventChunk[]): void;
  /**
   * Adds the last chunks and ends the object; the answer is that of `encode` for all chunks. `EncoderCrashError` if the
   * encoder died on these events; `TransientError` if it died on others and the object with it.
   */
  finish(chunks: readonly EventChunk[]): Promise<EncodeResult>;
  /** Forgets the object. Does nothing after `finish`. */
  drop(): void;
}

export interface EncodeRequest {
  readonly encoding: RowEncoding;
  readonly chunks: readonly EventChunk[];
}

/** Events lying in one buffer that nobody else uses, or documents that the events `rows` are to be made of. */
export interface EventChunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each starts in `bytes`. */
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly rows?: SnapshotRows;
}

export interface EncodeResult {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  /** How many of the rows have which operation. */
  readonly operations: Readonly<Record<string, number>>;
  readonly failed: readonly FailedEvent[];
  /** CPU time spent, for the metrics. */
  readonly encodeMs: number;
}

/** An event that no format could hold: its raw BSON, its place among the request's events, and why. */
export interface FailedEvent {
  readonly index: number;
  readonly event: Uint8Array<ArrayBuffer>;
  readonly reason: string;
}

/** The journals of a lake. Records are created once and never change. */
export interface Journal {
  /** The record with this seq, or undefined. Throws `PermanentError` on a kind or version it does not know. */
  read(streamKey: string, seq: number): Promise<JournalRecord | undefined>;
  /** The last record; undefined where there is none. `hintSeq` may be wrong in any way. */
  last(streamKey: string, hintSeq?: number): Promise<JournalRecord | undefined>;
  /**
   * Puts the record if there is none with its seq. `exists` means that there is one now: it may be this very record,
   * written by a call whose answer was lost; compare ids. Throws `TransientError` when the outcome is unknown.
   */
  append(streamKey: string, record: JournalRecord): Promise<"appended" | "exists">;
  /**
   * Looks by listing, for journals that somebody has deleted from, which records after `afterSeq` (-1: of all) are there:
   * the last of them, and what is missing before it.
   */
  survey(streamKey: string, afterSeq: number): Promise<JournalSurvey>;
  /** Whether anything of this stream's journal is there, also if its first record is not. */
  exists(streamKey: string): Promise<boolean>;
  /** The keys of all streams that have a journal. */
  streams(): Promise<string[]>;
  /** The start position of a target, if it has been fixed. */
  readStart(targetKey: string): Promise<Position | undefined>;
  /** Fixes the start position of a target; the answer is the one that counts, ours or an earlier one. */
  putStart(targetKey: string, position: Position): Promise<Position>;
}

/**
 * Counts, beside the streams, what their journals say is lost. Nobody waits for it, and it never throws: what it cannot
 * read it reads later.
 */
export interface LossBook {
  /** Somebody has taken over a journal that ends with this record. `told` is told whenever the counts are known anew. */
  opened(streamKey: string, last: JournalRecord, told: (losses: KnownLosses) => void): void;
  /** The record was appended behind the last one. */
  appended(streamKey: string, record: JournalRecord): void;
}

/** What a journal says is lost and nobody has accepted; and of how many records somebody has. */
export interface KnownLosses extends Losses {
  readonly acceptedRecords: number;
  /** The record up to which this was counted when it became so. */
  readonly seq: number;
}

export interface JournalSurvey {
  /** Absent where there is no record. */
  readonly lastSeq?: number;
  /** In order; `last` is the last one that is missing. */
  readonly missing: readonly SeqRange[];
}

export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** How collections are divided into partitions, by target key. Everything is written once; the first write counts. */
export interface Layouts {
  read(targetKey: string, epoch: number): Promise<Layout | undefined>;
  readIntent(targetKey: string, epoch: number): Promise<LayoutIntent | undefined>;
  /** The newest epoch, intended or fixed, of each target that has any. */
  newestEpochs(): Promise<ReadonlyMap<string, number>>;
  /** The answer is what counts, ours or an earlier one. */
  put(targetKey: string, layout: Layout): Promise<Layout>;
  putIntent(targetKey: string, intent: LayoutIntent): Promise<LayoutIntent>;
}

/** How far the collections of each selection are covered, in the lake. Entries are created once and never change. */
export interface CoverageLog {
  /** The keys of all selections that were ever covered. */
  selections(): Promise<string[]>;
  /** The last entry; undefined where there is none. `hintSeq` may be wrong in any way. */
  last(selection: string, hintSeq?: number): Promise<Coverage | undefined>;
  /** Puts the entry if there is none with its seq. Throws `TransientError` when the outcome is unknown. */
  append(selection: string, coverage: Coverage): Promise<"appended" | "exists">;
}

/** What was made of dead letters, in the lake. Each redrive is written once; the first write counts. */
export interface Redrives {
  /** All of one record, in the order of their numbers. */
  read(streamKey: string, seq: number): Promise<Redrive[]>;
  /** Throws `TransientError` when the outcome is unknown. */
  put(streamKey: string, redrive: Redrive): Promise<"created" | "exists">;
}

/**
 * Where the files of a lake lie: its own (records, layouts, starts, coverage, what was accepted and redriven), and objects
 * where a sink writes them. Keys are relative to the place's prefix and separated by `/`.
 */
export interface LakeStore {
  /**
   * Creates the object, whole or not at all, unless there is one with this key; then nothing is changed. Durable when
   * it returns. Throws `TransientError` (the object may or may not be there) or `PermanentError`.
   */
  putIfAbsent(key: string, bytes: Uint8Array, options?: PutOptions): Promise<"created" | "exists">;
  /** What the store knows of the object without reading it, or undefined where there is none. */
  head(key: string): Promise<StoredObject | undefined>;
  /** The object's bytes, or undefined where there is none. A range is `[start, end)`; a negative start counts from the end. */
  get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The keys with this prefix in order of their UTF-8 bytes, at most `limit`, after `startAfter`. */
  list(prefix: string, options: ListOptions): Promise<string[]>;
  /** The distinct next path segments below a prefix that ends with `/`. */
  listFolders(prefix: string): Promise<string[]>;
}

export interface PutOptions {
  readonly contentType?: string;
  /** CRC-32 of the bytes, eight hex digits; where the store can, it checks what arrives against it. */
  readonly crc32?: string;
}

export interface StoredObject {
  readonly bytes: number;
  /** CRC-32 of all bytes, eight hex digits in lower case; absent where the store does not tell it for free. */
  readonly crc32?: string;
}

export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface ListOptions {
  readonly limit: number;
  readonly startAfter?: string;
}

/** What is kept of a stream for a fast start and for people. Never the truth: that is the journal. */
export interface StreamState {
  readonly stream: string;
  /** Of the journal that it was told of; absent where an older program wrote it. */
  readonly lake?: string;
  readonly seq: number;
  readonly position: Position;
  readonly generation: number;
  readonly owner: string;
  /** Events and objects since the stream's genesis, as far as this store has been told. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly deadLetters: number;
  /** Wall clock, ISO 8601. */
  readonly updatedAt: string;
}

export interface StateStore {
  /** `PermanentError` where something is there that is no state. */
  load(streamKey: string): Promise<StreamState | undefined>;
  /** Last write wins, except that a lower seq never replaces a higher one. What is no state is replaced. */
  save(streamKey: string, state: StreamState): Promise<void>;
  /** All states of this pipeline by stream key; what is no state is left out. */
  list(): Promise<Map<string, StreamState>>;
}

/** The right to run a stream until a deadline. */
export interface Lease {
  readonly owner: string;
  /** Only grows, over all holders of the stream. */
  readonly generation: number;
  /** Whether the deadline, less a margin, is still ahead; asked before each effect. */
  isValid(): boolean;
  /** Aborted at the deadline or on loss. */
  readonly signal: AbortSignal;
}
