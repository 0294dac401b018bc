import type { Wake } from "../../support/flow/notify.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { openReadable } from "./past_unreadable.ts";
import type { ReadableCursor, ReadableReply } from "./readable_reply.ts";
import { ReplySizing } from "./reply_sizing.ts";
import type { OpenRequest, Source } from "../ports.ts";

export interface ReadAheadOptions {
  readonly source: Source;
  readonly request: OpenRequest;
  readonly budget: MemoryBudget;
  readonly wake: Wake;
  readonly signal: AbortSignal;
}

/** A request: for how many events, and what they will probably weigh. */
interface Asked {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Keeps one request to the server on its way while the reply before is being handled.
 *
 * At most one reply waits to be taken; its bytes are in the budget and become the taker's. The budget is asked before
 * each request, with what the reply will probably weigh, so a full budget stops reading. Where it has room at once, the
 * next request goes out as soon as a reply has come.
 */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #abort = new AbortController();
  readonly #sizing = new ReplySizing();
  readonly #ended: Promise<void>;
  #cursor: ReadableCursor | undefined;
  #opened = false;
  /** The request after the one whose reply has come last; its bytes are in the budget. */
  #ahead: Asked | undefined;
  #reply: ReadableReply | undefined;
  #resume: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ReadAheadOptions) {
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
  take(): ReadableReply | undefined {
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
    if (this.#reply !== undefined) this.#options.budget.adjust(-this.#reply.bytes.byteLength);
    this.#reply = undefined;
  }

  async #read(): Promise<void> {
    const { source, request, wake } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, this.#abort.signal]);
    signal.addEventListener("abort", () => this.#resume?.(), { once: true });
    try {
      this.#cursor = await openReadable(source, request, signal);
      this.#opened = true;
      wake.ring();
      let invalidated = false;
      while (!signal.aborted && !invalidated) {
        this.#reply = await this.#next(this.#cursor, signal);
        invalidated = this.#reply.invalidated;
        wake.ring();
        await this.#taken(signal);
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failure = { error };
      wake.ring();
    } finally {
      if (this.#ahead !== undefined) this.#options.budget.adjust(-this.#ahead.bytes);
      this.#ahead = undefined;
      await this.#closeCursor();
    }
  }

  async #closeCursor(): Promise<void> {
    // A cursor that cannot be closed is of no use to anybody, and the server drops it after a while.
    await this.#cursor?.close().catch(() => {});
  }

  async #next(cursor: ReadableCursor, signal: AbortSignal): Promise<ReadableReply> {
    const { budget } = this.#options;
    const asked = this.#ahead ?? await this.#takeRoom(signal);
    this.#ahead = undefined;
    try {
      const reply = await cursor.next(asked.rows, () => this.#askAhead());
      this.#sizing.note(reply, asked.rows);
      budget.adjust(reply.bytes.byteLength - asked.bytes);
      return reply;
    } catch (error) {
      budget.adjust(-asked.bytes);
      throw error;
    }
  }

  async #takeRoom(signal: AbortSignal): Promise<Asked> {
    const asked = this.#estimate();
    await this.#options.budget.take(asked.bytes, signal);
    return asked;
  }

  #askAhead(): number {
    const asked = this.#estimate();
    if (!this.#options.budget.takeAtOnce(asked.bytes)) return 0;
    this.#ahead = asked;
    return asked.rows;
  }

  #estimate(): Asked {
    const { bytesExpected, rowsMax } = this.#sizing;
    const bytesMax = Math.floor(this.#options.budget.limitBytes / 4);
    return { rows: rowsMax, bytes: Math.min(bytesExpected, bytesMax) };
  }

  async #taken(signal: AbortSignal): Promise<void> {
    while (this.#reply !== undefined && !signal.aborted) {
      await new Promise<void>((resolve) => this.#resume = resolve);
    }
  }
}
