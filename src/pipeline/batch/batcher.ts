/**
 * Collects events into a batch, sorted into the objects they will become.
 *
 * Bytes are copied once, out of the driver's buffers into chunks of our own: a run of neighbours that belong to one
 * object in one go, so that the usual case (one collection, one hour) is one copy of a whole reply.
 */
import { positionOfEvent, tokenOfEvent } from "../../bson/event/event_position.ts";
import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { withNamespace } from "../../bson/event/with_namespace.ts";
import { renamedOnto } from "../../bson/event/renamed_onto.ts";
import { SnapshotEvent } from "../../bson/event/snapshot_event.ts";
import { type RenamedOnto, rowToken, type SnapshotRows } from "../../model/snapshot.ts";
import { comparePositions, type Position, positionAfterToken } from "../../model/position.ts";
import type { BucketRule } from "../../model/settings.ts";
import type { Chunk } from "../../model/record.ts";
import type { Stream } from "../../model/stream.ts";
import { bucketName, bucketNumber } from "../record/object_key.ts";
import { documentBytes, EventCollector } from "./event_collector.ts";
import type { ReadableReply, UnreadableEvent } from "../read/readable_reply.ts";
import type { BegunObject, EventChunk } from "../ports.ts";

/** A batch ends at the first of these that is reached. */
export interface BatchLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly objectsMax: number;
}

/** How an object goes to the encoder before the batch is cut. */
export interface EncodeAhead {
  /** So many bytes of an object are worth a step of the encoder. */
  readonly bytesMin: number;
  /** Begins an object; undefined where no encoder is free for that now. */
  readonly begin: () => BegunObject | undefined;
}

/** Consecutive events of a stream, all after the batch before and none after `to`. */
export interface Batch {
  /**
   * That of the last event, though more may have been seen: the journal's word for that the server knew this event
   * (`other_history.ts`).
   */
  readonly to: Position;
  /** The `_data` of its first event's token. */
  readonly firstToken: string;
  readonly objects: readonly BatchObject[];
  /** Events that cannot become rows; they become dead letters. */
  readonly unreadable: readonly UnreadableEvent[];
  readonly rows: number;
  readonly bytes: number;
  /** Of a snapshot's range, and where its first document stands. */
  readonly chunk?: Chunk;
  readonly firstPlace?: string;
  /** Of a stream: the collections that others were renamed onto. */
  readonly renames?: readonly RenamedOnto[];
}

/** The events of a batch that have one namespace and one bucket, in order. */
export interface BatchObject {
  readonly database: string;
  readonly collection: string | null;
  readonly bucket: string;
  readonly chunks: readonly EventChunk[];
  readonly rows: number;
  /** The object as far as it is with the encoder already; `chunks` are what comes after. */
  readonly begun?: BegunObject | undefined;
}

interface Namespace {
  readonly database: string;
  readonly collection: string | null;
}

interface OpenObject extends Namespace {
  readonly bucket: string;
  readonly events: EventCollector;
  begun?: BegunObject | undefined;
}

/** A reply that is being taken in; its events before `next` are in a batch already. */
export interface ReplyInHand {
  readonly reply: ReadableReply;
  next: number;
}

export class Batcher {
  readonly #streamNamespace: Namespace;
  readonly #bucketRule: BucketRule;
  readonly #limits: BatchLimits;
  readonly #setAside: ReadonlyMap<string, string>;
  readonly #ahead: EncodeAhead | undefined;
  readonly #spans = new EventSpans();
  readonly #last = new NamespaceMemory();
  #objects = new Map<string, OpenObject>();
  /** Those of the objects that are begun; an encoder has few places. */
  #begun: BegunObject[] = [];
  #unreadable: UnreadableEvent[] = [];
  #renames: RenamedOnto[] = [];
  #rows = 0;
  #bytes = 0;
  #firstToken = "";
  #to: Position;
  #lastEvent: Position;

  /**
   * `from` is the position that the first event comes after. Events whose token is in `setAside` become dead letters
   * with the reason given there. Without `ahead` all events stay here until the batch is cut.
   */
  constructor(
    stream: Stream,
    from: Position,
    bucketRule: BucketRule,
    limits: BatchLimits,
    setAside: ReadonlyMap<string, string> = new Map(),
    ahead?: EncodeAhead,
  ) {
    this.#streamNamespace = {
      database: stream.level === "deployment" ? "" : stream.database,
      collection: stream.level === "collection" ? stream.collection : null,
    };
    this.#to = from;
    this.#lastEvent = from;
    this.#bucketRule = bucketRule;
    this.#limits = limits;
    this.#setAside = setAside;
    this.#ahead = ahead;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Everything up to here is in this batch or an earlier one. */
  get position(): Position {
    return this.#to;
  }

  /** An object waits for the encoder: what comes now would wait, too. */
  get isBehind(): boolean {
    return this.#begun.some((object) => object.isBehind);
  }

  isFull(): boolean {
    return this.#rows >= this.#limits.rowsMax || this.#bytes >= this.#limits.bytesMax;
  }

  /** Takes events from the reply until it is used up (true) or the batch has to be cut first (false). */
  add(hand: ReplyInHand): boolean {
    const { bytes, starts, highWater, unreadable, rows } = hand.reply;
    if (rows !== undefined) return this.#addDocuments(hand, rows);
    const first = hand.next;
    let runStart = first;
    let runObject: OpenObject | undefined;
    let i = first;
    for (; i < starts.length && !this.isFull(); i++) {
      readEventSpans(bytes, starts[i]!, this.#spans);
      const object = this.#objectOfEvent(bytes);
      if (object === "too-many-objects") break;
      if (object !== undefined && this.#spans.databaseStart < 0) {
        runObject?.events.add(bytes, starts, runStart, i);
        runObject = undefined;
        this.#addWithNamespace(object, bytes.subarray(starts[i]!, this.#spans.end));
      } else if (object !== runObject) {
        runObject?.events.add(bytes, starts, runStart, i);
        runObject = object;
        runStart = i;
      }
      if (object === undefined) {
        const event = bytes.slice(starts[i]!, this.#spans.end);
        this.#takeAside(tokenOfEvent(bytes, this.#spans), event);
      }
      if (this.#spans.toStart >= 0) this.#noteRename(bytes);
      if (this.#rows === 0) this.#firstToken = tokenOfEvent(bytes, this.#spans);
      this.#rows++;
      this.#bytes += this.#spans.end - starts[i]!;
    }
    runObject?.events.add(bytes, starts, runStart, i);
    if (runObject !== undefined) this.#encodeAhead(runObject);
    hand.next = i;
    if (i > first) this.#lastEvent = positionOfEvent(bytes, starts[i - 1]!, this.#spans);
    if (i === starts.length && unreadable !== undefined) this.#addUnreadable(unreadable, highWater);
    else if (i === starts.length) this.advance(highWater);
    else if (i > first) this.#to = this.#lastEvent;
    return i === starts.length;
  }

  /**
   * Notes that there are no more events up to here. Does nothing where that is known already: a stream opened again at an
   * operation time begins with high-water marks from before.
   */
  advance(highWater: Position): void {
    if (comparePositions(highWater, this.#to) > 0) this.#to = highWater;
  }

  /** The batch so far, or undefined if it has no events; begins the next one. */
  cut(): Batch | undefined {
    if (this.#rows === 0) return undefined;
    const objects = [...this.#objects.values()].map((open) => ({
      database: open.database,
      collection: open.collection,
      bucket: open.bucket,
      rows: open.events.count,
      chunks: open.events.take(),
      begun: open.begun,
    }));
    const batch: Batch = {
      to: this.#lastEvent,
      firstToken: this.#firstToken,
      objects,
      unreadable: this.#unreadable,
      rows: this.#rows,
      bytes: this.#bytes,
      ...(this.#renames.length === 0 ? {} : { renames: this.#renames }),
    };
    this.#renames = [];
    this.#objects = new Map();
    this.#begun = [];
    this.#last.forget();
    this.#unreadable = [];
    this.#rows = 0;
    this.#bytes = 0;
    return batch;
  }

  /** Forgets the events so far; the batcher is of no use afterwards. */
  drop(): void {
    for (const object of this.#begun.splice(0)) object.drop();
    this.#objects = new Map();
  }

  /** The same of documents, which have one object and tokens that count: of each only the length is looked at. */
  #addDocuments(hand: ReplyInHand, rows: SnapshotRows): boolean {
    const { bytes, starts, highWater } = hand.reply;
    const { next: first } = hand;
    const tokenOf = (i: number) => rowToken(rows.time, rows.suffix, rows.row + i);
    const object = this.#openObject(rows, bucketNumber(this.#bucketRule, rows.time.t));
    if (object === "too-many-objects") return false;
    if (this.#rows === 0 && first < starts.length) this.#firstToken = tokenOf(first);
    let runStart = first;
    let i = first;
    for (; i < starts.length && !this.isFull(); i++) {
      if (this.#setAside.size > 0 && this.#setAside.has(tokenOf(i))) {
        object.events.addDocuments(bytes, starts, runStart, i, rows);
        const event = new SnapshotEvent({ ...rows, row: rows.row + i });
        event.make(bytes, starts[i]!);
        this.#takeAside(tokenOf(i), event.bytes.slice(0, event.spans.end));
        runStart = i + 1;
      }
      this.#rows++;
      this.#bytes += documentBytes(bytes, starts[i]!);
    }
    object.events.addDocuments(bytes, starts, runStart, i, rows);
    this.#encodeAhead(object);
    hand.next = i;
    if (i > first) this.#to = this.#lastEvent = positionAfterToken(tokenOf(i - 1));
    if (i === starts.length) this.advance(highWater);
    return i === starts.length;
  }

  /** Puts in an event that the server could not produce as it should be; the batch now reaches to `position`. */
  #addUnreadable(event: UnreadableEvent, position: Position): void {
    this.#unreadable.push(event);
    if (this.#rows === 0) this.#firstToken = event.data;
    this.#rows++;
    this.#bytes += event.event.byteLength;
    this.#to = position;
    this.#lastEvent = position;
  }

  /** The object to which a reply's last run belongs: large ones are met here sooner or later. */
  #encodeAhead(object: OpenObject): void {
    if (this.#ahead === undefined || object.events.bytesHeld < this.#ahead.bytesMin) return;
    if (object.begun === undefined) {
      object.begun = this.#ahead.begin();
      if (object.begun !== undefined) this.#begun.push(object.begun);
    }
    object.begun?.add(object.events.takePart());
  }

  /** Where the event just read belongs; undefined if it is set aside. */
  #objectOfEvent(bytes: Uint8Array): OpenObject | "too-many-objects" | undefined {
    const spans = this.#spans;
    if (this.#setAside.size > 0 && this.#setAside.has(tokenOfEvent(bytes, spans))) return undefined;
    const bucket = bucketNumber(this.#bucketRule, spans.clusterSeconds);
    const remembered = this.#last.find(bytes, spans, bucket);
    if (remembered !== undefined) return remembered;
    const object = this.#openObject(this.#namespaceOfEvent(bytes), bucket);
    if (object !== "too-many-objects" && spans.databaseStart >= 0) {
      this.#last.remember(bytes, spans, bucket, object);
    }
    return object;
  }

  #openObject(
    { database, collection }: Namespace,
    bucket: number,
  ): OpenObject | "too-many-objects" {
    const key = `${database}\0${collection === null ? "" : "=" + collection}\0${bucket}`;
    const known = this.#objects.get(key);
    if (known !== undefined) return known;
    if (this.#objects.size >= this.#limits.objectsMax) return "too-many-objects";
    const bucketText = bucketName(this.#bucketRule, bucket);
    const object = { database, collection, bucket: bucketText, events: new EventCollector() };
    this.#objects.set(key, object);
    return object;
  }

  #namespaceOfEvent(bytes: Uint8Array): Namespace {
    const spans = this.#spans;
    // An invalidate names nothing: it is about what the stream watches.
    if (spans.databaseStart < 0) return this.#streamNamespace;
    const database = text(bytes, spans.databaseStart, spans.databaseEnd);
    if (spans.collectionStart < 0) return { database, collection: null };
    return { database, collection: text(bytes, spans.collectionStart, spans.collectionEnd) };
  }

  #addWithNamespace(object: OpenObject, event: Uint8Array): void {
    const patched = withNamespace(event, object.database, object.collection);
    object.events.add(patched, new Uint32Array(1), 0, 1);
  }

  #noteRename(bytes: Uint8Array): void {
    const renamed = renamedOnto(bytes, this.#spans);
    if (renamed !== undefined) this.#renames.push(renamed);
  }

  #takeAside(data: string, event: Uint8Array): void {
    this.#unreadable.push({ data, reason: this.#setAside.get(data) ?? "", event });
  }
}

/** The object of the event before, found again without making strings: nearly always it is the same. */
class NamespaceMemory {
  #bytes = new Uint8Array(0);
  #databaseLength = -1;
  #bucket = 0;
  #object: OpenObject | undefined;

  find(bytes: Uint8Array, spans: EventSpans, bucket: number): OpenObject | undefined {
    if (this.#object === undefined || bucket !== this.#bucket) return undefined;
    if (spans.databaseEnd - spans.databaseStart !== this.#databaseLength) return undefined;
    const collectionLength = spans.collectionEnd - spans.collectionStart;
    if (this.#databaseLength + collectionLength !== this.#bytes.length) return undefined;
    if ((spans.collectionStart < 0) !== (this.#object.collection === null)) return undefined;
    for (let i = 0; i < this.#databaseLength; i++) {
      if (this.#bytes[i] !== bytes[spans.databaseStart + i]) return undefined;
    }
    for (let i = 0; i < collectionLength; i++) {
      if (this.#bytes[this.#databaseLength + i] !== bytes[spans.collectionStart + i]) {
        return undefined;
      }
    }
    return this.#object;
  }

  remember(bytes: Uint8Array, spans: EventSpans, bucket: number, object: OpenObject): void {
    const database = bytes.subarray(spans.databaseStart, spans.databaseEnd);
    const collection = spans.collectionStart < 0
      ? bytes.subarray(0, 0)
      : bytes.subarray(spans.collectionStart, spans.collectionEnd);
    this.#bytes = new Uint8Array(database.length + collection.length);
    this.#bytes.set(database);
    this.#bytes.set(collection, database.length);
    this.#databaseLength = database.length;
    this.#bucket = bucket;
    this.#object = object;
  }

  forget(): void {
    this.#object = undefined;
  }
}

const decoder = new TextDecoder();

function text(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
