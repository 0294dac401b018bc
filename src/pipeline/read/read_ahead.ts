import type { Wake } from "../../support/flow/notify.ts";
import type { Budget } from "./memory_budget.ts";
import type { ReadableCursor, ReadableReply } from "./readable_reply.ts";
import type { Reservation } from "./reservation.ts";
import { ReplySizing } from "../../support/flow/reply_sizing.ts";

export interface ReadAheadOptions<R extends ReadableReply> {
  readonly open: (signal: AbortSignal) => Promise<Cursor<R>>;
  readonly budget: Budget;
  readonly wake: Wake;
  readonly signal: AbortSignal;
}

/** A request: for how many events, and the room for what they will probably weigh. */
interface Asked {
  readonly rows: number;
  readonly room: Reservation;
}

interface Cursor<R extends ReadableReply> extends ReadableCursor {
  next(rowsMax: number, ahead?: () => number): Promise<R>;
}

/** A reply, and the room that it takes; whoever has it releases that. */
export interface HeldReply<R extends ReadableReply = ReadableReply> {
  readonly reply: R;
  readonly room: Reservation;
}

/**
 * Keeps one request to the server on its way while the reply before is being handled.
 *
 * At most one reply waits to be taken; it holds its room in the budget, which becomes the taker's. The budget is asked before
 * each request, with what the reply will probably weigh, so a full budget stops reading. Where it has room at once, the
 * next request goes out as soon as a reply has come.
 */
export class ReadAhead<R extends ReadableReply = ReadableReply> {
  readonly #options: ReadAheadOptions<R>;
  readonly #abort = new AbortController();
  readonly #sizing = new ReplySizing();
  readonly #ended: Promise<void>;
  #cursor: Cursor<R> | undefined;
  #opened = false;
  /** The request after the one whose reply has come last. */
  #ahead: Asked | undefined;
  #reply: HeldReply<R> | undefined;
  #resume: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ReadAheadOptions<R>) {
    this.#options = options;
    this.#ended = this.#read();
  }

  /** Whether the server has accepted the position. */
  get isOpen(): boolean {
    return this.#opened;
  }

  /** Why reading has ended, once the replies before that are taken. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#reply === undefined ? this.#failure : undefined;
  }

  /** The waiting reply, if there is one. */
  take(): HeldReply<R> | undefined {
    const reply = this.#reply;
    this.#reply = undefined;
    if (reply !== undefined) this.#resume?.();
    return reply;
  }

  /** Stops reading; a reply not taken is given back to the stream, unread. */
  async close(): Promise<void> {
    this.#abort.abort(new DOMException("The reader was closed", "AbortError"));
    this.#resume?.();
    await this.#closeCursor();
    await this.#ended;
    this.#reply?.room.release();
    this.#reply = undefined;
  }

  async #read(): Promise<void> {
    const { open, wake } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, this.#abort.signal]);
    signal.addEventListener("abort", () => this.#resume?.(), { once: true });
    try {
      this.#cursor = await open(signal);
      this.#opened = true;
      wake.ring();
      let invalidated = false;
      while (!signal.aborted && !invalidated) {
        this.#reply = await this.#next(this.#cursor, signal);
        invalidated = this.#reply.reply.invalidated;
        wake.ring();
        await this.#taken(signal);
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failure = { error };
      wake.ring();
    } finally {
      this.#ahead?.room.release();
      this.#ahead = undefined;
      await this.#closeCursor();
    }
  }

  async #closeCursor(): Promise<void> {
    // A cursor that cannot be closed is of no use to anybody, and the server drops it after a while.
    await this.#cursor?.close().catch(() => {});
  }

  async #next(cursor: Cursor<R>, signal: AbortSignal): Promise<HeldReply<R>> {
    const asked = this.#ahead ?? await this.#takeRoom(signal);
    this.#ahead = undefined;
    const { room } = asked;
    try {
      const reply = await cursor.next(asked.rows, () => this.#askAhead());
      this.#sizing.note(reply, asked.rows);
      room.resize(reply.bytes.byteLength);
      return { reply, room };
    } catch (error) {
      room.release();
      throw error;
    }
  }

  async #takeRoom(signal: AbortSignal): Promise<Asked> {
    const { rows, bytes } = this.#estimate();
    // It is there already: who waited for room to take it would wait for those who wait for it.
    if (this.#cursor?.holdsRoom === true) return { rows, room: this.#options.budget.reserve(0) };
    return { rows, room: await this.#options.budget.take(bytes, signal) };
  }

  #askAhead(): number {
    const { rows, bytes } = this.#estimate();
    const room = this.#options.budget.takeAtOnce(bytes);
    if (room === undefined) return 0;
    this.#ahead = { rows, room };
    return rows;
  }

  /** Thousands of idle streams are not to take turns with each other, nor to keep busy ones waiting. */
  #estimate(): { readonly rows: number; readonly bytes: number } {
    const { limitBytes, shareBytes } = this.#options.budget;
    const ownMax = this.#sizing.isBusy ? Infinity : shareBytes;
    return this.#sizing.ask(Math.min(Math.floor(limitBytes / 4), ownMax));
  }

  async #taken(signal: AbortSignal): Promise<void> {
    while (this.#reply !== undefined && !signal.aborted) {
      await new Promise<void>((resolve) => this.#resume = resolve);
    }
  }
}
