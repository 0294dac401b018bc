import type { ClientSession, Document, MongoClient } from "mongodb";
import { SnapshotEvents } from "../../../bson/event/snapshot_event.ts";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import { positionAfterTime, positionAfterToken } from "../../../model/position.ts";
import { rowToken } from "../../../model/snapshot.ts";
import type {
  DocumentCursor,
  DocumentReply,
  DocumentRequest,
} from "../../../pipeline/documents.ts";
import { readCursorReply } from "../../cursor_reply.ts";
import { redactorOf, redactReply } from "../../redacted_cursor.ts";
import { cappedTime } from "./capped_time.ts";
import { atOneTime, findBounds } from "./read_commands.ts";
import { goneReply, noTimeError, readError } from "./read_error.ts";

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
    const { database, collection, isCapped } = this.#request.piece;
    const isFirst = this.#events === undefined;
    try {
      if (isFirst && isCapped) {
        this.#at = await cappedTime(this.#client, this.#request, this.#signal);
      }
      const command = isFirst
        ? findCommand(this.#request, this.#at, rowsMax)
        : { getMore: this.#id, collection, batchSize: rowsMax };
      const options = { session: this.#session, raw: true, signal: this.#signal };
      const raw = await this.#client.db(database).command(command, options);
      return this.#replyOf(raw["cursor"]);
    } catch (error) {
      this.#signal.throwIfAborted();
      const gone = isFirst ? goneReply(error) : undefined;
      if (gone !== undefined) return gone;
      throw readError(error, this.#request);
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
    if (at === undefined) throw noTimeError(this.#request);
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
}

function findCommand(
  { piece, ...request }: DocumentRequest,
  cappedAt: ClusterTime | undefined,
  batchSize: number,
): Document {
  const { only } = piece;
  const from = request.from ?? piece.from;
  const to = request.to ?? piece.to;
  return {
    find: piece.collection,
    ...findBounds({ only, from, to }),
    sort: { _id: 1 },
    batchSize,
    ...atOneTime(piece, cappedAt ?? request.at),
  };
}
