import { Buffer } from "node:buffer";
import { BSON } from "mongodb";
import { snapshotEvents } from "../../src/bson/event/snapshot_event.ts";
import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import { HistoryLostError } from "../../src/model/errors.ts";
import { positionAfterTime, positionAfterToken } from "../../src/model/position.ts";
import { type Piece, rowToken } from "../../src/model/snapshot.ts";
import type {
  DocumentCursor,
  DocumentReply,
  DocumentRequest,
  DocumentSource,
  FindAnyRequest,
  FoundAny,
  SurveyedCollection,
} from "../../src/pipeline/documents.ts";

interface Document {
  readonly _id: number;
  readonly value: number;
}

/** So many are read for a reply where stages may drop them. */
const LEG_DOCUMENTS = 100;

/** A collection, or what is left of it, as it was from a time on. */
interface Version {
  readonly time: ClusterTime;
  readonly uuid: string;
  readonly documents: readonly Document[];
}

/** Documents in memory whose `_id`s are numbers, and what they were before, as a server with snapshots keeps them. */
export class MemoryDocuments implements DocumentSource {
  readonly #versions = new Map<string, Version[]>();
  #now: ClusterTime;
  #incarnations = 0;
  /** No older time can be read. */
  #oldest: ClusterTime = { t: 0, i: 0 };
  /** The times of all openings that named none. */
  readonly opened: ClusterTime[] = [];
  /** The majority point is behind the last change by so many. */
  lag = 0;
  /** Replies have so many documents at most. */
  replyDocumentsMax = Number.MAX_SAFE_INTEGER;
  /** What stages of a pipeline leave. */
  keeps?: (id: number) => boolean;
  /** Called behind each reply that is not the last. */
  replied: () => unknown = () => {};
  readonly requests: DocumentRequest[] = [];

  constructor(now: ClusterTime) {
    this.#now = now;
  }

  get now(): ClusterTime {
    return this.#now;
  }

  /** Replaces all documents of a collection; undefined drops it. */
  set(collection: string, documents: readonly Document[] | undefined): void {
    this.#now = { t: this.#now.t, i: this.#now.i + 1 };
    const versions = this.#versions.get(collection) ?? [];
    const last = versions.at(-1);
    const isSame = last !== undefined && last.uuid !== "" && documents !== undefined;
    const uuid = documents === undefined ? "" : isSame ? last.uuid : this.#newUuid();
    const sorted = (documents ?? []).toSorted((a, b) => a._id - b._id);
    versions.push({ time: this.#now, uuid, documents: sorted });
    this.#versions.set(collection, versions);
  }

  /** The past changes, as it never does. */
  belie(collection: string, documents: readonly Document[]): void {
    const versions = this.#versions.get(collection)!;
    versions.push({ ...versions.pop()!, documents });
  }

  documents(collection: string): readonly Document[] {
    return this.#versions.get(collection)?.at(-1)?.documents ?? [];
  }

  piece(collection: string): Piece {
    const { uuid } = this.#versions.get(collection)!.at(-1)!;
    return { database: "shop", collection, uuid };
  }

  /** The server keeps nothing but its present state. */
  forget(): void {
    this.#now = { t: this.#now.t, i: this.#now.i + 1 };
    this.#oldest = this.#now;
  }

  survey(): Promise<SurveyedCollection[]> {
    const there = [...this.#versions].filter(([, versions]) => versions.at(-1)!.uuid !== "");
    return Promise.resolve(there.map(([name, versions]) => ({
      ...{ ...this.piece(name), documents: versions.at(-1)!.documents.length, isCapped: false },
    })));
  }

  divide(): Promise<never> {
    return Promise.reject(new Error("Not asked for here"));
  }

  findAny({ collection, at }: FindAnyRequest): Promise<FoundAny> {
    const time = at ?? { t: this.#now.t, i: this.#now.i - this.lag };
    if (at !== undefined && compareClusterTimes(at, this.#oldest) < 0) {
      return Promise.reject(new HistoryLostError("its time is forgotten"));
    }
    const version = this.#versions.get(collection)?.findLast((each) => {
      return compareClusterTimes(each.time, time) <= 0;
    });
    return Promise.resolve({ isEmpty: (version?.documents.length ?? 0) === 0, at: time });
  }

  open(request: DocumentRequest): Promise<DocumentCursor> {
    const { piece, at } = request;
    const time = at ?? { t: this.#now.t, i: this.#now.i - this.lag };
    if (at === undefined) this.opened.push(time);
    this.requests.push(request);
    let rest: readonly Document[] | undefined;
    let row = request.row;
    const next = (
      rowsMax: number,
      _ahead?: () => number,
      documentsMax = Infinity,
    ): Promise<DocumentReply> => {
      // A server that keeps no such time says so, whatever became of the collection.
      if (at !== undefined && compareClusterTimes(at, this.#oldest) < 0) {
        return Promise.reject(new HistoryLostError("its time is forgotten"));
      }
      const versions = this.#versions.get(piece.collection) ?? [];
      if (rest === undefined && versions.at(-1)?.uuid !== piece.uuid) {
        const none = { bytes: new Uint8Array(), starts: new Uint32Array(), waitMs: 0 };
        const ended = { highWater: positionAfterTime(time), invalidated: true };
        return Promise.resolve({ ...none, ...ended, at: time, state: "gone" });
      }
      rest ??= within(
        versions.findLast((each) => compareClusterTimes(each.time, time) <= 0),
        request,
      );
      // Where stages drop documents, as many as there are rows would be too few.
      const legMax = this.keeps === undefined ? rowsMax : LEG_DOCUMENTS;
      const count = Math.min(legMax, documentsMax, this.replyDocumentsMax, rest.length);
      const part = rest.slice(0, count).filter(({ _id }) => this.keeps?.(_id) ?? true);
      rest = rest.slice(count);
      const [first] = rest;
      const scannedTo = first === undefined || this.keeps === undefined
        ? {}
        : { scannedTo: boundOf(first._id) };
      if (first !== undefined) this.replied();
      const made = eventsOf(piece, time, request.suffix, row, part);
      row += part.length;
      const ended = rest.length === 0;
      return Promise.resolve({
        ...made,
        highWater: row === request.row
          ? positionAfterTime(time)
          : positionAfterToken(rowToken(time, request.suffix, row - 1)),
        ...(this.keeps === undefined ? {} : { scanned: count }),
        ...scannedTo,
        ...{ invalidated: ended, waitMs: 0, at: time, state: ended ? "ended" : "more" },
      });
    };
    return Promise.resolve({ next, close: () => Promise.resolve(), holdsRoom: false });
  }

  #newUuid(): string {
    return (++this.#incarnations).toString(16).padStart(32, "0");
  }
}

function within(
  version: Version | undefined,
  { piece, ...request }: DocumentRequest,
): readonly Document[] {
  const from = idOf(request.from ?? piece.from);
  const to = idOf(request.to ?? piece.to);
  return (version?.documents ?? []).filter(({ _id }) =>
    (from === undefined || _id >= from) && (to === undefined || _id < to)
  );
}

export function boundOf(_id: number): string {
  return Buffer.from(BSON.serialize({ _id })).toString("base64");
}

function idOf(bound: string | undefined): number | undefined {
  return bound === undefined ? undefined : BSON.deserialize(Buffer.from(bound, "base64"))["_id"];
}

function eventsOf(
  piece: Piece,
  time: ClusterTime,
  suffix: string,
  row: number,
  documents: readonly Document[],
) {
  const all = documents.map((document) => BSON.serialize(document));
  const bytes = new Uint8Array(Buffer.concat(all));
  let at = 0;
  const starts = Uint32Array.from(all, ({ length }) => (at += length) - length);
  const { database, collection } = piece;
  return snapshotEvents(bytes, starts, { database, collection, time, suffix, row });
}
