import { Binary, type ClientSession, type Document, type MongoClient, Timestamp } from "mongodb";
import { SnapshotEvents } from "../../../bson/event/snapshot_event.ts";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import { HistoryLostError, TransientError } from "../../../model/errors.ts";
import { positionAfterTime, positionAfterToken } from "../../../model/position.ts";
import { rowToken } from "../../../model/snapshot.ts";
import type {
  DocumentCursor,
  DocumentReply,
  DocumentRequest,
} from "../../../pipeline/documents.ts";
import { readCursorReply } from "../../cursor_reply.ts";
import { redactorOf, redactReply } from "../../redacted_cursor.ts";
import { classifyError, serverErrorCode } from "../classify_error.ts";
import { boundDocument } from "./bound_document.ts";

/** NamespaceNotFound; CollectionUUIDMismatch: the name is another collection's, or nobody's. */
const GONE = [26, 361];

/** InvalidOptions, SnapshotTooOld, SnapshotUnavailable. */
const UNREADABLE_TIME = [72, 239, 246];

/** Reads a part of a collection as it was at one time, in the order of `_id`. */
export class DocumentCursorAtOneTime implements DocumentCursor {
  readonly holdsRoom = false;
  readonly #client: MongoClient;
  readonly #request: DocumentRequest;
  readonly #signal: AbortSignal;
  /** A `getMore` must have that of its `find`. */
  readonly #session: ClientSession;
  #id = 0n;
  #at: ClusterTime | undefined;
  #row: number;
  #events: SnapshotEvents | undefined;

  constructor(client: MongoClient, request: DocumentRequest, signal: AbortSignal) {
    this.#client = client;
    this.#request = request;
    this.#signal = signal;
    this.#row = request.row;
    this.#session = client.startSession({ causalConsistency: false });
  }

  async next(rowsMax: number): Promise<DocumentReply> {
    const { piece: { database, collection } } = this.#request;
    const isFirst = this.#at === undefined;
    const command = isFirst
      ? findCommand(this.#request, rowsMax)
      : { getMore: this.#id, collection, batchSize: rowsMax };
    try {
      const options = { session: this.#session, raw: true, signal: this.#signal };
      const raw = await this.#client.db(database).command(command, options);
      return this.#replyOf(raw["cursor"]);
    } catch (error) {
      this.#signal.throwIfAborted();
      return this.#failed(error, isFirst);
    }
  }

  async close(): Promise<void> {
    const { database, collection } = this.#request.piece;
    if (this.#id !== 0n) {
      const command = { killCursors: collection, cursors: [this.#id] };
      // The server ends it by itself, too, a while later.
      await this.#client.db(database).command(command, { session: this.#session }).catch(() => {});
    }
    await this.#session.endSession().catch(() => {});
  }

  #replyOf(cursor: Uint8Array): DocumentReply {
    const { piece, suffix, row, settings } = this.#request;
    const reply = readCursorReply(cursor);
    const at = this.#at ??= reply.atClusterTime;
    if (at === undefined) {
      throw new TransientError(
        `Cannot read ${piece.database}.${piece.collection}: the server does not say of which time ` +
          "its answer is",
      );
    }
    this.#id = reply.id;
    this.#events ??= new SnapshotEvents(piece, at, suffix, row);
    const events = this.#events.write(cursor, reply.starts);
    this.#row += events.starts.length;
    const highWater = this.#row === row
      ? positionAfterTime(at)
      : positionAfterToken(rowToken(at, suffix, this.#row - 1));
    const ended = reply.id === 0n;
    const made = { ...events, highWater, invalidated: ended, waitMs: 0 };
    const redactor = redactorOf(settings);
    const shown = redactor === undefined ? made : redactReply(made, redactor);
    return { ...shown, at, state: ended ? "ended" : "more" };
  }

  #failed(error: unknown, isFirst: boolean): DocumentReply {
    const { piece, at } = this.#request;
    const action = `read ${piece.database}.${piece.collection}`;
    const code = serverErrorCode(error) ?? 0;
    // Once it was open, nothing but a new opening tells whether the collection is still the same.
    if (isFirst && GONE.includes(code)) {
      const time = at ?? { t: 0, i: 0 };
      const none = { bytes: new Uint8Array(), starts: new Uint32Array(), waitMs: 0 };
      const ended = { highWater: positionAfterTime(time), invalidated: true };
      return { ...none, ...ended, at: time, state: "gone" };
    }
    if (!UNREADABLE_TIME.includes(code)) throw classifyError(error, action);
    const message = `Cannot ${action} as it was at one time: ${(error as Error).message}`;
    if (at === undefined) throw new TransientError(message);
    throw new HistoryLostError(message);
  }
}

function findCommand({ piece, at, ...request }: DocumentRequest, batchSize: number): Document {
  const from = request.from ?? piece.from;
  const to = request.to ?? piece.to;
  return {
    find: piece.collection,
    ...bounds(piece.only, from, to),
    sort: { _id: 1 },
    batchSize,
    collectionUUID: new Binary(
      Uint8Array.from(piece.uuid.match(/../g)!, (hex) => parseInt(hex, 16)),
      4,
    ),
    readConcern: {
      level: "snapshot",
      ...(at === undefined ? {} : { atClusterTime: new Timestamp(at) }),
    },
  };
}

function bounds(only: string | undefined, from: string | undefined, to: string | undefined) {
  const hint = { _id: 1 };
  if (only !== undefined) return { filter: { $expr: { $eq: ["$_id", literal(only)] } }, hint };
  if (to !== undefined) {
    const min = from === undefined ? {} : { min: boundDocument(from) };
    return { ...min, max: boundDocument(to), hint };
  }
  // `min` alone leaves out the greatest key there can be.
  return from === undefined ? {} : { filter: { $expr: { $gte: ["$_id", literal(from)] } }, hint };
}

function literal(bound: string) {
  return { $literal: boundDocument(bound).get("_id") };
}
