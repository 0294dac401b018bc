import type { ClientSession, Db } from "mongodb";
import { PermanentError, TransientError } from "../../model/errors.ts";
import type { Position } from "../../model/position.ts";
import type { EventCursor, SourceReply } from "../../pipeline/ports.ts";
import { type Clock, withTimeout } from "../../support/clock.ts";
import { nextTurn } from "../../support/flow/next_turn.ts";
import { positionAfterInvalidate } from "../after_invalidate.ts";
import { type CursorReply, plainBytes, readCursorReply } from "../cursor_reply.ts";
import { EventReader } from "../event_reader.ts";
import { endTogether } from "./idle_wait.ts";

/** How long `close` waits for the server to drop the cursor; it would do so by itself after ten idle minutes. */
const KILL_MS_MAX = 2_000;

export interface MongoCursorOptions {
  /** Of a client that talks to the cursor's server and no other. */
  readonly db: Db;
  /** Ended by `close`. */
  readonly session: ClientSession;
  readonly id: bigint;
  /** The collection (or pseudo collection) part of the cursor's namespace. */
  readonly collection: string;
  /** Where the stream was opened: what is not after it is left out. */
  readonly from: Position;
  /** Whether the server splits events over 16 MB. */
  readonly mergeFragments: boolean;
  /** How long the server waits for an event before it sends an empty reply. */
  readonly awaitMs: number;
  /**
   * The same for an idle stream, at most: asked for before each request, and made a little shorter, so that the waits of
   * several streams end together. `close` does not wait for it.
   */
  readonly idleAwaitMsMax: () => number;
  readonly clock: Clock;
  /** Told how large each reply was: its buffers are in use no longer than the next reply takes to come. */
  readonly replied: (bytes: number) => void;
  /** Turns what went wrong after `position` into one of the errors that the contract of `next` names. */
  readonly judge: (error: unknown, position: Position) => Promise<Error>;
}

/**
 * A change stream cursor that sends `getMore` itself and keeps each reply as the bytes it came in.
 *
 * The whole `cursor` field of a reply is asked for raw, so the driver decodes nothing of the events, and they stay views
 * of the one buffer that was read from the socket. (Asking for the batch's events as raw, `fieldsAsRaw`, makes an object
 * for each of them and costs 0.3 us of CPU an event more, measured.)
 *
 * Invalidates, as seen on MongoDB 6.0 after drops, renames and dropDatabase, alone and several in a row, with and
 * without stages or partitions that filter the events themselves out: the server answers with cursor id 0, at once or
 * one reply after the invalidate event, and `postBatchResumeToken` is always the token of the invalidate, filtered or
 * not. `startAfter` with it works in each of these cases and gives exactly what comes after, also if the collection was
 * created again long ago. Opening by operation time there gives the invalidate again, for ever; so the position is
 * marked. A position inside (on the drop, say) leads to the same end when opened by time, so nothing is lost by
 * stopping there.
 */
export class MongoCursor implements EventCursor {
  readonly #options: MongoCursorOptions;
  readonly #reader: EventReader;
  readonly #abort = new AbortController();
  #interrupt: (error: Error) => void = () => {};
  #position: Position;
  #id: bigint;
  #awaitMs: number;
  #asked: Promise<Uint8Array> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: MongoCursorOptions) {
    this.#options = options;
    this.#id = options.id;
    this.#awaitMs = options.awaitMs;
    this.#position = options.from;
    this.#reader = new EventReader(options);
  }

  async next(rowsMax: number, ahead?: () => number): Promise<SourceReply> {
    if (this.#closing !== undefined) throw closedError();
    if (this.#id === 0n) {
      throw new PermanentError("Cannot read on: the server has ended this change stream");
    }
    const clock = this.#options.clock;
    const startMs = clock.monotonicMs();
    try {
      const bytes = await this.#interruptible(this.#asked ?? this.#getMore(rowsMax));
      this.#asked = undefined;
      const waitMs = clock.monotonicMs() - startMs;
      const reply = readCursorReply(bytes);
      this.#noteIdle(reply.starts.length === 0);
      if (ahead !== undefined) await this.#askAhead(reply, ahead);
      this.#options.replied(bytes.length);
      const { starts, bytes: eventBytes, highWater } = this.#reader.read(bytes, reply);
      this.#id = reply.id;
      const invalidated = reply.id === 0n;
      this.#position = invalidated ? this.#afterInvalidate(reply.highWater) : highWater;
      return { bytes: eventBytes, starts, highWater: this.#position, invalidated, waitMs };
    } catch (error) {
      if (this.#closing !== undefined) throw closedError();
      throw await this.#options.judge(error, this.#position);
    }
  }

  /**
   * Lets the server work on the next reply while this one is handled. The driver takes some turns of the event loop
   * to send a request, and handling a reply is one long turn: the server would be idle meanwhile (5 % of its time).
   */
  async #askAhead(reply: CursorReply, ahead: () => number): Promise<void> {
    const rows = reply.id === 0n || this.#closing !== undefined ? 0 : ahead();
    if (rows === 0) return;
    this.#asked = this.#getMore(rows);
    this.#asked.catch(() => {}); // The next call tells.
    await nextTurn();
  }

  #afterInvalidate(token: Position | undefined): Position {
    if (token !== undefined) return positionAfterInvalidate(token, this.#options.from);
    throw new TransientError(
      "Cannot read on: the server has ended the cursor and does not say where",
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Each empty reply doubles the wait for the next one; its mark, the stream's position, is as old as that at most. */
  #noteIdle(isIdle: boolean): void {
    const { awaitMs, idleAwaitMsMax } = this.#options;
    this.#awaitMs = isIdle ? Math.min(this.#awaitMs * 2, idleAwaitMsMax()) : awaitMs;
  }

  /** Racing with one promise that lives as long as the cursor would collect a reaction for each reply. */
  #interruptible<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      work.then(resolve, reject);
    });
  }

  async #getMore(rowsMax: number): Promise<Uint8Array> {
    const { db, session, collection, awaitMs, clock } = this.#options;
    const isIdle = this.#awaitMs > awaitMs;
    const command = {
      getMore: this.#id,
      collection,
      batchSize: rowsMax,
      maxTimeMS: isIdle ? endTogether(this.#awaitMs, clock.monotonicMs()) : this.#awaitMs,
    };
    const readPreference = db.client.readPreference;
    const signal = this.#abort.signal;
    const reply = await db.command(command, { session, raw: true, signal, readPreference });
    return plainBytes(reply["cursor"]);
  }

  /**
   * Whoever waits is told first. Then the server is asked to drop the cursor, which also ends a `getMore` that waits
   * there; if that does not work in time, the `getMore`'s connection is cut.
   */
  async #close(): Promise<void> {
    this.#interrupt(closedError());
    try {
      if (this.#id !== 0n) await this.#kill();
    } catch {
      // The server drops idle cursors by itself; and one that is gone already is what was wanted.
    }
    this.#abort.abort(closedError());
    await this.#options.session.endSession();
  }

  async #kill(): Promise<void> {
    const { db, collection, clock } = this.#options;
    const command = { killCursors: collection, cursors: [this.#id] };
    const kill = db.command(command, {
      readPreference: db.client.readPreference,
      signal: this.#abort.signal,
    });
    await withTimeout(clock, KILL_MS_MAX, kill, () => new TransientError("no answer"));
  }
}

function closedError(): TransientError {
  return new TransientError("Cannot read on: the change stream was closed");
}
