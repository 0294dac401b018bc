import type { ClientSession, Document, MongoClient } from "mongodb";
import { snapshotEvents } from "../../../bson/event/snapshot_event.ts";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import { positionAfterTime, positionAfterToken } from "../../../model/position.ts";
import { rowToken } from "../../../model/snapshot.ts";
import type {
  DocumentCursor,
  DocumentReply,
  DocumentRequest,
} from "../../../pipeline/documents.ts";
import { type CursorReply, plainBytes, readCursorReply } from "../../cursor_reply.ts";
import { nextTurn } from "../../../support/flow/next_turn.ts";
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
  #asked: Promise<Uint8Array> | undefined;
  #at: ClusterTime | undefined;
  #isOpen = false;
  #row: number;

  constructor(client: MongoClient, request: DocumentRequest, signal: AbortSignal) {
    this.#client = client;
    this.#request = request;
    this.#signal = signal;
    this.#row = request.row;
    this.#session = client.startSession({ causalConsistency: false });
  }

  async next(rowsMax: number, ahead?: () => number): Promise<DocumentReply> {
    const { isCapped } = this.#request.piece;
    const isFirst = !this.#isOpen;
    try {
      if (isFirst && isCapped) {
        this.#at = await cappedTime(this.#client, this.#request, this.#signal);
      }
      const asked = this.#asked ??
        (isFirst
          ? this.#command(findCommand(this.#request, this.#at, rowsMax))
          : this.#getMore(this.#id, rowsMax));
      this.#asked = undefined;
      const bytes = await asked;
      const reply = readCursorReply(bytes);
      if (ahead !== undefined) await this.#askAhead(reply.id, ahead);
      return this.#replyOf(bytes, reply);
    } catch (error) {
      this.#signal.throwIfAborted();
      const gone = isFirst
        ? await goneReply(this.#client, this.#request, error, this.#signal)
        : undefined;
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

  /** As a change stream's cursor does: the server reads on while this reply is handled. */
  async #askAhead(id: bigint, ahead: () => number): Promise<void> {
    const rows = id === 0n ? 0 : ahead();
    if (rows === 0) return;
    this.#asked = this.#getMore(id, rows);
    this.#asked.catch(() => {}); // The next call tells.
    await nextTurn();
  }

  #getMore(id: bigint, batchSize: number): Promise<Uint8Array> {
    return this.#command({ getMore: id, collection: this.#request.piece.collection, batchSize });
  }

  async #command(command: Document): Promise<Uint8Array> {
    const options = { session: this.#session, raw: true, signal: this.#signal };
    const reply = await this.#client.db(this.#request.piece.database).command(command, options);
    return plainBytes(reply["cursor"]);
  }

  #replyOf(cursor: Uint8Array, reply: CursorReply): DocumentReply {
    const { piece, suffix, row, settings } = this.#request;
    const at = this.#at ??= reply.atClusterTime;
    if (at === undefined) throw noTimeError(this.#request);
    this.#id = reply.id;
    this.#isOpen = true;
    const { database, collection } = piece;
    const rows = { database, collection, time: at, suffix, row: this.#row };
    this.#row += reply.starts.length;
    const highWater = this.#row === row
      ? positionAfterTime(at)
      : positionAfterToken(rowToken(at, suffix, this.#row - 1));
    const ended = reply.id === 0n;
    const facts = { highWater, invalidated: ended, waitMs: 0 };
    const redactor = redactorOf(settings);
    const shown = redactor === undefined
      ? { bytes: cursor, starts: reply.starts, rows, ...facts }
      : redactReply({ ...snapshotEvents(cursor, reply.starts, rows), ...facts }, redactor);
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
