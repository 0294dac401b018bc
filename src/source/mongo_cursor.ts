import type { ClientSession, Db } from "mongodb";
import { PermanentError, TransientError } from "../model/errors.ts";
import { comparePositions, type Position } from "../model/position.ts";
import type { EventCursor, SourceReply } from "../pipeline/stages.ts";
import { type Clock, withTimeout } from "../support/clock.ts";
import { readCursorReply } from "./cursor_reply.ts";
import { EventFilter } from "./event_filter.ts";

/** How long `close` waits for the server to drop the cursor; it would do so by itself after ten idle minutes. */
const KILL_MS_MAX = 2_000;

export interface MongoCursorOptions {
  readonly db: Db;
  readonly session: ClientSession;
  readonly id: bigint;
  /** The collection (or pseudo collection) part of the cursor's namespace. */
  readonly collection: string;
  /** Where the stream was opened: what is not after it is left out. */
  readonly from: Position;
  /** How long the server waits for an event before it sends an empty reply. */
  readonly awaitMs: number;
  readonly clock: Clock;
  /** Turns whatever the driver throws into one of the errors that the contract of `next` names. */
  readonly classify: (error: unknown) => Promise<Error>;
}

/**
 * A change stream cursor that sends `getMore` itself and keeps each reply as the bytes it came in.
 *
 * The whole `cursor` field of a reply is asked for raw, so the driver decodes nothing of the events, and they stay views
 * of the one buffer that was read from the socket.
 */
export class MongoCursor implements EventCursor {
  readonly #options: MongoCursorOptions;
  readonly #filter: EventFilter;
  readonly #abort = new AbortController();
  readonly #closed: Promise<never>;
  #rejectClosed: (error: Error) => void = () => {};
  #highWater: Position;
  #id: bigint;
  #closing: Promise<void> | undefined;

  constructor(options: MongoCursorOptions) {
    this.#options = options;
    this.#id = options.id;
    this.#highWater = options.from;
    this.#filter = new EventFilter(options.from);
    this.#closed = new Promise((_, reject) => this.#rejectClosed = reject);
    // Nobody may be waiting when the cursor is closed.
    this.#closed.catch(() => {});
  }

  async next(rowsMax: number): Promise<SourceReply> {
    if (this.#closing !== undefined) throw closedError();
    if (this.#id === 0n) {
      throw new PermanentError("Cannot read on: the server has ended this change stream");
    }
    const startMs = this.#options.clock.monotonicMs();
    const bytes = await Promise.race([this.#getMore(rowsMax), this.#closed]);
    const waitMs = this.#options.clock.monotonicMs() - startMs;
    const reply = readCursorReply(bytes);
    this.#id = reply.id;
    const invalidated = reply.id === 0n;
    const events = this.#filter.apply(bytes, reply.starts, reply.highWater);
    if (comparePositions(events.highWater, this.#highWater) > 0) this.#highWater = events.highWater;
    if (invalidated) this.#highWater = { ...this.#highWater, invalidate: true };
    return {
      bytes: events.bytes,
      starts: events.starts,
      highWater: this.#highWater,
      invalidated,
      waitMs,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #getMore(rowsMax: number): Promise<Uint8Array> {
    const { db, session, collection, awaitMs } = this.#options;
    const command = { getMore: this.#id, collection, batchSize: rowsMax, maxTimeMS: awaitMs };
    const signal = this.#abort.signal;
    try {
      const reply = await db.command(command, { session, raw: true, signal });
      return plainBytes(reply["cursor"]);
    } catch (error) {
      throw await this.#options.classify(error);
    }
  }

  /**
   * Whoever waits is told first. Then the server is asked to drop the cursor, which also ends a `getMore` that waits
   * there; if that does not work in time, the `getMore`'s connection is cut.
   */
  async #close(): Promise<void> {
    this.#rejectClosed(closedError());
    const { db, session, collection, clock } = this.#options;
    try {
      if (this.#id !== 0n) {
        const kill = db.command({ killCursors: collection, cursors: [this.#id] });
        await withTimeout(clock, KILL_MS_MAX, kill, () => new TransientError("no answer"));
      }
    } catch {
      // The server drops idle cursors by itself; a cursor that is gone already is what was wanted.
    }
    this.#abort.abort(closedError());
    await session.endSession();
  }
}

function closedError(): TransientError {
  return new TransientError("Cannot read on: the change stream was closed");
}

/** The same bytes without the methods of Buffer, whose `slice` means something else. */
function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
