/**
 * Reads a part of a collection as it was at one time, through the user's stages, which see an insert of each document.
 *
 * Stages may drop documents, and whoever reads must know how far all the same: so it is read in legs of so many documents,
 * whose ends are found in the index of `_id` first. The true `_id` of each event lies in the event's own, which no stage may
 * change. A leg that the server cannot give, for one of its documents is too large with what stages need around it, becomes
 * shorter, until that document is alone, and a dead letter.
 */
import { type ClientSession, type Document, type MongoClient, Timestamp } from "mongodb";
import { readStagedEvents, STAGED_ID } from "../../../bson/event/staged_event.ts";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import { PermanentError, UnreadableEventError } from "../../../model/errors.ts";
import { positionAfterTime, positionAfterToken } from "../../../model/position.ts";
import { rowToken } from "../../../model/snapshot.ts";
import type {
  DocumentCursor,
  DocumentReply,
  DocumentRequest,
} from "../../../pipeline/documents.ts";
import { toStage } from "../../change_stream_pipeline.ts";
import { plainBytes, readCursorReply } from "../../cursor_reply.ts";
import { redactorOf, redactReply } from "../../redacted_cursor.ts";
import { idBound } from "../../../bson/event/id_bound.ts";
import { cappedTime } from "./capped_time.ts";
import { atOneTime, findBounds, matchBounds, type Part } from "./read_commands.ts";
import { whereStages } from "./find_filter.ts";
import { goneReply, noTimeError, readError } from "./read_error.ts";

/** Small enough that a leg of which nothing is left is over within seconds. */
const LEG_DOCUMENTS_MAX = 20_000;
/** By so much a leg becomes shorter that cannot be read, and longer again behind it. */
const SHRINK = 8;

export class StagedDocumentCursor implements DocumentCursor {
  readonly holdsRoom = false;
  readonly #client: MongoClient;
  readonly #request: DocumentRequest;
  readonly #signal: AbortSignal;
  /** A `getMore` must have that of its `aggregate`. */
  readonly #session: ClientSession;
  #id = 0n;
  #at: ClusterTime | undefined;
  #row: number;
  /** What is left to be read. */
  #rest: Part;
  /** What is being read of it. */
  #leg: Part | undefined;
  #legDocumentsMax = LEG_DOCUMENTS_MAX;
  /** Documents of the leg of which no reply has told yet. */
  #legScanned = 0;

  constructor(client: MongoClient, request: DocumentRequest, signal: AbortSignal) {
    const { piece } = request;
    this.#client = client;
    this.#request = request;
    this.#signal = signal;
    this.#row = request.row;
    const ends = { from: request.from ?? piece.from, to: request.to ?? piece.to };
    this.#rest = { ...ends, only: piece.only };
    this.#session = client.startSession({ causalConsistency: false });
  }

  async next(
    rowsMax: number,
    _ahead?: () => number,
    documentsMax: number = LEG_DOCUMENTS_MAX,
  ): Promise<DocumentReply> {
    try {
      this.#at ??= await this.#readTime();
    } catch (error) {
      this.#signal.throwIfAborted();
      const gone = await goneReply(this.#client, this.#request, error, this.#signal);
      if (gone !== undefined) return gone;
      throw readError(error, this.#request);
    }
    for (;;) {
      try {
        return await this.#read(this.#at, rowsMax, documentsMax);
      } catch (error) {
        this.#signal.throwIfAborted();
        const meant = readError(error, this.#request);
        if (!(meant instanceof UnreadableEventError)) throw meant;
        await this.#killCursor();
        if (this.#legDocumentsMax === 1) return await this.#takeUnreadable(this.#at, meant);
        this.#legDocumentsMax = Math.max(1, Math.floor(this.#legDocumentsMax / SHRINK));
        this.#leg = undefined;
      }
    }
  }

  async close(): Promise<void> {
    await this.#killCursor();
    await this.#session.endSession().catch(() => {});
  }

  async #readTime(): Promise<ClusterTime> {
    const { piece, at } = this.#request;
    const cappedAt = piece.isCapped
      ? await cappedTime(this.#client, this.#request, this.#signal)
      : undefined;
    const command = { find: piece.collection, ...ONE_ID, ...atOneTime(piece, cappedAt ?? at) };
    const time = readCursorReply(await this.#command(command)).atClusterTime ?? cappedAt;
    if (time === undefined) throw noTimeError(this.#request);
    return time;
  }

  async #read(at: ClusterTime, rowsMax: number, documentsMax: number): Promise<DocumentReply> {
    const { collection } = this.#request.piece;
    if (this.#leg === undefined) {
      this.#legScanned = Math.min(this.#legDocumentsMax, documentsMax);
      this.#leg = await this.#nextLeg(at, this.#legScanned);
      const stages = this.#request.settings.stages.map(toStage);
      const fields = { fullDocument: "$$ROOT" };
      return this.#replyOf(at, await this.#aggregate(at, this.#leg, fields, stages, rowsMax));
    }
    const command = { getMore: this.#id, collection, batchSize: rowsMax };
    return this.#replyOf(at, await this.#command(command));
  }

  /** The next documents, as many as a leg has. */
  async #nextLeg(at: ClusterTime, documents: number): Promise<Part> {
    const rest = this.#rest;
    if (rest.only !== undefined) return rest;
    const { piece } = this.#request;
    const cursor = await this.#command({
      ...{ find: piece.collection, ...findBounds(rest), sort: { _id: 1 }, ...ONE_ID },
      skip: documents + (rest.isAfter ? 1 : 0),
      ...atOneTime(piece, at),
    });
    const [start] = readCursorReply(cursor).starts;
    return start === undefined ? rest : { ...rest, to: idBound(cursor, start) };
  }

  #aggregate(
    at: ClusterTime,
    part: Part,
    fields: Document,
    stages: readonly Document[],
    batchSize: number,
  ): Promise<Uint8Array> {
    const { piece, where } = this.#request;
    return this.#command({
      aggregate: piece.collection,
      pipeline: [
        ...[matchBounds(part), ...whereStages(where), { $sort: { _id: 1 } }],
        { $replaceWith: insertOf(piece, at, fields) },
        ...stages,
      ],
      ...{ cursor: { batchSize }, hint: { _id: 1 }, ...atOneTime(piece, at) },
    });
  }

  #replyOf(at: ClusterTime, cursor: Uint8Array): DocumentReply {
    const { piece, suffix, settings } = this.#request;
    const reply = readCursorReply(cursor);
    this.#id = reply.id;
    const events = readStagedEvents(cursor, reply.starts, at, suffix, this.#row);
    if (events === undefined) {
      throw new PermanentError(
        `Cannot read ${piece.database}.${piece.collection}: a stage of the pipeline changes or ` +
          "removes the `_id` of events; leave it as it is",
        { mend: "configuration" },
      );
    }
    this.#row += events.starts.length;
    const last = events.bounds.at(-1);
    if (last !== undefined) this.#rest = { ...this.#rest, from: last, isAfter: true };
    const redactor = redactorOf(settings);
    const made = this.#madeOf(at, events);
    const shown = redactor === undefined ? made : redactReply(made, redactor);
    return { ...shown, bounds: events.bounds, at, ...this.#progress() };
  }

  #madeOf(at: ClusterTime, events: { bytes: Uint8Array; starts: Uint32Array }) {
    const { row, suffix } = this.#request;
    const highWater = this.#row === row
      ? positionAfterTime(at)
      : positionAfterToken(rowToken(at, suffix, this.#row - 1));
    const invalidated = this.#isLast;
    return { bytes: events.bytes, starts: events.starts, highWater, invalidated, waitMs: 0 };
  }

  /** Whether nothing comes behind what the server has just given. */
  get #isLast(): boolean {
    return this.#id === 0n && this.#leg!.to === this.#rest.to;
  }

  /** How far it is behind what the server has just given; then the next leg may begin. */
  #progress(): Pick<DocumentReply, "state" | "scannedTo" | "scanned"> {
    const scanned = this.#legScanned;
    this.#legScanned = 0;
    if (this.#id !== 0n) return { state: "more", scanned };
    if (this.#isLast) return { state: "ended", scanned };
    const { to } = this.#leg!;
    this.#rest = { ...this.#rest, from: to, isAfter: false };
    this.#leg = undefined;
    const grown = this.#legDocumentsMax * SHRINK;
    this.#legDocumentsMax = Math.min(LEG_DOCUMENTS_MAX, grown);
    return { state: "more", scannedTo: to!, scanned };
  }

  /** The document that is alone in its leg, by its names. */
  async #takeUnreadable(at: ClusterTime, error: UnreadableEventError): Promise<DocumentReply> {
    const { suffix } = this.#request;
    const cursor = await this.#aggregate(at, this.#leg!, {}, [], 2)
      .catch((error: unknown) => Promise.reject(readError(error, this.#request)));
    const { starts } = readCursorReply(cursor);
    const { bytes: event, bounds } = readStagedEvents(cursor, starts, at, suffix, this.#row)!;
    this.#row++;
    const made = this.#madeOf(at, { bytes: event, starts: new Uint32Array() });
    const unreadable = { data: made.highWater.data, reason: error.message, event };
    return { ...made, unreadable, bounds, at, ...this.#progress() };
  }

  async #command(command: Document): Promise<Uint8Array> {
    const options = { session: this.#session, raw: true, signal: this.#signal };
    const reply = await this.#client.db(this.#request.piece.database).command(command, options);
    return plainBytes(reply["cursor"]);
  }

  async #killCursor(): Promise<void> {
    const { database, collection } = this.#request.piece;
    if (this.#id === 0n) return;
    const command = { killCursors: collection, cursors: [this.#id] };
    this.#id = 0n;
    // The server ends it by itself, too, a while later.
    await this.#client.db(database).command(command, { session: this.#session }).catch(() => {});
  }
}

const ONE_ID = { projection: { _id: 1 }, limit: 1, singleBatch: true };

/** What a change stream would say of the insert of a document. */
function insertOf(
  { database, collection }: DocumentRequest["piece"],
  at: ClusterTime,
  fields: Document,
): Document {
  return {
    _id: { _data: positionAfterTime(at).data, [STAGED_ID]: "$_id" },
    operationType: "insert",
    clusterTime: new Timestamp(at),
    wallTime: new Date(at.t * 1000),
    ns: { db: { $literal: database }, coll: { $literal: collection } },
    documentKey: { _id: "$_id" },
    ...fields,
  };
}
