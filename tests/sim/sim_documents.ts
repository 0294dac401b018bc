import { Buffer } from "node:buffer";
import { BSON } from "mongodb";
import { snapshotEvents } from "../../src/bson/event/snapshot_event.ts";
import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import { HistoryLostError, TransientError } from "../../src/model/errors.ts";
import { positionAfterTime, positionAfterToken } from "../../src/model/position.ts";
import { rowToken } from "../../src/model/snapshot.ts";
import type {
  DocumentCursor,
  DocumentReply,
  DocumentRequest,
  DocumentSource,
  FindAnyRequest,
  FoundAny,
} from "../../src/pipeline/documents.ts";
import type { SeededRandom } from "../support/seeded_random.ts";
import { documentsBetween, type TrueCollection, type TrueDocuments } from "./true_documents.ts";

/** Entries by which the majority point is behind, at most: mostly few. */
const LAG_MAX = [3, 8, 60] as const;

/** Where it is asked whether a collection is empty: as far as before what is there at the start. */
const EMPTY_LAG_MAX = [8, 60, 200] as const;

/** A reply has so many documents at most. */
const ROWS_MAX = 4;

/** How a server of a world keeps its past. */
export interface SimDocumentsOptions {
  readonly documents: TrueDocuments;
  readonly random: SeededRandom;
  /** The chance of what it says of empty collections. */
  readonly emptiness: SeededRandom;
  /** The last operation of the server that answers now. */
  readonly serverTime: () => ClusterTime;
  readonly nowMs: () => number;
}

export interface SimDocuments extends DocumentSource {
  /** How long the next answer takes. */
  delayMs(): number;
  /** From now on it answers at once. */
  calm(): void;
}

/** How long a time can be read after it was the last, and how long answers take; each world has its own. */
const WINDOW_MS = [1500, 8000, 30_000, Infinity] as const;
const DELAY_MS_MAX = [20, 600, 3000] as const;

interface Server extends SimDocumentsOptions {
  readonly windowMs: number;
}

/**
 * Documents as a server gives them that is as unkind as mongod was seen to be: what it reads at may lie before what it has told
 * already, it forgets times, also those that cursors read at, and it knows a collection by its UUID as it is now.
 */
export function createSimDocuments(parts: SimDocumentsOptions): SimDocuments {
  const { documents, random, serverTime } = parts;
  const options = { ...parts, windowMs: random.pick(WINDOW_MS) };
  let delayMsMax: number = random.pick(DELAY_MS_MAX);
  return {
    delayMs: () => random.below(delayMsMax),
    calm: () => void (delayMsMax = 1),
    // deno-lint-ignore require-await -- What it throws must be a rejection.
    async survey({ stream, floor }) {
      if (compareClusterTimes(serverTime(), floor) < 0) {
        throw new TransientError("Cannot look for the documents yet: the server is behind");
      }
      return [...documents.at(serverTime())].map(([name, { uuid, documents }]) => {
        const dot = name.indexOf(".");
        const [database, collection] = [name.slice(0, dot), name.slice(dot + 1)];
        return { database, collection, uuid, documents: documents.size, isCapped: false };
      }).filter(({ database, collection }) =>
        stream.level === "deployment" ||
        database === stream.database &&
          (stream.level === "database" || collection === stream.collection)
      );
    },
    // deno-lint-ignore require-await -- As above.
    async divide({ database, collection }, parts) {
      const at = majorityTime(options);
      const found = documents.at(at).get(`${database}.${collection}`)?.documents ?? new Map();
      const ids = documentsBetween(found, undefined, undefined).map(boundOf);
      const sample = ids.slice(0, -1).filter((_, i) => i > 0 && random.chance(0.5)).slice(
        0,
        parts - 1,
      );
      return { at, bounds: sample.length === 0 ? [] : [...sample, ids.at(-1)!] };
    },
    // deno-lint-ignore require-await -- As above.
    async findAny(request) {
      return findAny(options, request);
    },
    open: (request) => Promise.resolve(new SimDocumentCursor(options, request)),
  };
}

/** As of a time that was asked for mostly, and else of whatever the server reads at. */
function findAny(options: Server, { database, collection, at }: FindAnyRequest): FoundAny {
  const { documents, emptiness: random, serverTime, nowMs, windowMs } = options;
  const name = `${database}.${collection}`;
  if (at === undefined) {
    const behind = random.chance(0.2) ? 0 : random.below(random.pick(EMPTY_LAG_MAX));
    const entries = documents.entries.filter(({ time }) => {
      return compareClusterTimes(time, serverTime()) <= 0;
    });
    // Also before anything was there.
    const time = behind === 0 ? serverTime() : entries.at(-1 - behind)?.time ?? { t: 1, i: 1 };
    // Of what is not there now a server tells no time.
    const isThere = documents.at(serverTime()).has(name);
    return isThere ? foundAt(documents, name, time) : { isEmpty: true, at: { t: 0, i: 0 } };
  }
  const isForgotten = compareClusterTimes(at, documents.timeAt(nowMs() - windowMs)) < 0;
  // Also where the catalog has changed since.
  if (isForgotten || random.chance(0.5)) throw new HistoryLostError("Cannot read at that time");
  if (compareClusterTimes(at, serverTime()) > 0) {
    throw new TransientError("Cannot read at a time to which the server has not come");
  }
  return foundAt(documents, name, at);
}

function foundAt(documents: TrueDocuments, name: string, at: ClusterTime): FoundAny {
  return { isEmpty: (documents.at(at).get(name)?.documents.size ?? 0) === 0, at };
}

function majorityTime({ documents, random, serverTime }: Server): ClusterTime {
  const now = serverTime();
  if (random.chance(0.6)) return now;
  const before = documents.entries.filter(({ time }) => compareClusterTimes(time, now) <= 0);
  return before.at(-1 - random.below(random.pick(LAG_MAX)))?.time ?? now;
}

class SimDocumentCursor implements DocumentCursor {
  readonly holdsRoom = false;
  readonly #options: Server;
  readonly #request: DocumentRequest;
  #at: ClusterTime | undefined;
  #rest: readonly BSON.Document[] = [];
  #row: number;

  constructor(options: Server, request: DocumentRequest) {
    this.#options = options;
    this.#request = request;
    this.#row = request.row;
  }

  // deno-lint-ignore require-await -- What it throws must be a rejection.
  async next(rowsMax: number): Promise<DocumentReply> {
    if (this.#at === undefined && !this.#open()) return this.#gone();
    this.#assertReadable();
    const count = Math.min(rowsMax, 1 + this.#options.random.below(ROWS_MAX));
    const part = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    // The end is seen with the last documents, or behind them.
    const ended = this.#rest.length === 0 &&
      (part.length === 0 || this.#options.random.chance(0.5));
    return this.#reply(part, ended);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether the collection is still the one that is meant. */
  #open(): boolean {
    const { documents, serverTime } = this.#options;
    const { piece, at, from = piece.from, to = piece.to } = this.#request;
    const name = `${piece.database}.${piece.collection}`;
    if (documents.at(serverTime()).get(name)?.uuid !== piece.uuid) return false;
    const time = at ?? majorityTime(this.#options);
    if (compareClusterTimes(time, serverTime()) > 0) {
      throw new TransientError("Cannot read at a time to which the server has not come");
    }
    const collection: TrueCollection | undefined = documents.at(time).get(name);
    if (collection?.uuid !== piece.uuid) this.#unreadable("the collection is newer than that time");
    this.#at = time;
    this.#rest = piece.only === undefined
      ? documentsBetween(collection!.documents, idOf(from), idOf(to))
      : [collection!.documents.get(idOf(piece.only)!) ?? []].flat();
    return true;
  }

  #assertReadable(): void {
    const { documents, nowMs, windowMs } = this.#options;
    const oldest = documents.timeAt(nowMs() - windowMs);
    if (compareClusterTimes(this.#at!, oldest) < 0) this.#unreadable("its time is forgotten");
  }

  #unreadable(why: string): never {
    const message = `Cannot read as it was at one time: ${why}`;
    throw this.#request.at === undefined
      ? new TransientError(message)
      : new HistoryLostError(message);
  }

  #gone(): DocumentReply {
    const at = this.#options.serverTime();
    const none = { bytes: new Uint8Array(), starts: new Uint32Array(), waitMs: 0 };
    return { ...none, highWater: positionAfterTime(at), invalidated: true, at, state: "gone" };
  }

  #reply(documents: readonly BSON.Document[], ended: boolean): DocumentReply {
    const { piece, suffix, row } = this.#request;
    const at = this.#at!;
    const all = documents.map((document) => BSON.serialize(document));
    let end = 0;
    const starts = Uint32Array.from(all, ({ length }) => (end += length) - length);
    const { database, collection } = piece;
    const rows = { database, collection, time: at, suffix, row: this.#row };
    const bytes = new Uint8Array(Buffer.concat(all));
    // As events where user stages have made them, else as documents; both are met.
    const made = at.i % 2 === 0 ? { bytes, starts, rows } : snapshotEvents(bytes, starts, rows);
    this.#row += all.length;
    const highWater = this.#row === row
      ? positionAfterTime(at)
      : positionAfterToken(rowToken(at, suffix, this.#row - 1));
    return {
      ...made,
      highWater,
      invalidated: ended,
      waitMs: 0,
      at,
      state: ended ? "ended" : "more",
    };
  }
}

export function idOf(bound: string | undefined): string | undefined {
  if (bound === undefined) return undefined;
  return BSON.deserialize(Buffer.from(bound, "base64"))["_id"].toHexString();
}

function boundOf({ _id }: BSON.Document): string {
  return Buffer.from(BSON.serialize({ _id })).toString("base64");
}
