import type { EventCursor, SourceReply } from "../../pipeline/ports.ts";
import { ReplySizing } from "../../support/flow/reply_sizing.ts";
import type { HeldRoom, Room } from "./group_source.ts";

/** A request: for how many events, and the room for what they will probably weigh. */
interface Asked {
  readonly rows: number;
  readonly held: HeldRoom;
}

/** A reply, and the room that it takes until it is divided. */
export interface GroupReply {
  readonly reply: SourceReply;
  readonly held: HeldRoom;
  /** There were as many events as were asked for: probably there are more. */
  readonly isFull: boolean;
}

/** No reply is expected to weigh more than this share of the memory that all streams have. */
const REPLY_SHARE_MAX = 1 / 4;

/** All groups whose replies do not come full ask for this share together: they hold it for as long as nothing happens. */
const IDLE_SHARE = 1 / 2;

/** An open change stream of a group, read one reply ahead as far as there is room. */
export class GroupReading {
  /** What it was opened on: a token of an invalidate is good for this form only. */
  readonly form: string;
  readonly #cursor: EventCursor;
  readonly #room: Room;
  readonly #sizing = new ReplySizing();
  readonly #groups: () => number;
  readonly #abort = new AbortController();
  #ahead: Asked | undefined;
  /** What the reply that is awaited will take. */
  #awaited: HeldRoom | undefined;

  /** `groups`: how many share the room. */
  constructor(cursor: EventCursor, form: string, room: Room, groups: () => number) {
    this.#cursor = cursor;
    this.form = form;
    this.#room = room;
    this.#groups = groups;
  }

  /** Throws what the cursor throws; the signal's reason once it is closed. */
  async next(): Promise<GroupReply> {
    const { rows, held } = this.#ahead ?? await this.#takeRoom();
    this.#ahead = undefined;
    this.#awaited = held;
    try {
      const reply = await this.#cursor.next(rows, () => this.#askAhead());
      this.#sizing.note(reply, rows);
      return { reply, held, isFull: reply.starts.length >= rows };
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** From now on nothing is held, also if the reply that is awaited comes late. */
  async close(): Promise<void> {
    this.#abort.abort(new DOMException("The reading was closed", "AbortError"));
    this.#awaited?.release();
    this.#ahead?.held.release();
    this.#ahead = undefined;
    await this.#cursor.close().catch(() => {}); // The server drops idle cursors by itself.
  }

  async #takeRoom(): Promise<Asked> {
    const { rows, bytes } = this.#estimate();
    return { rows, held: await this.#room.take(bytes, this.#abort.signal) };
  }

  #askAhead(): number {
    const { rows, bytes } = this.#estimate();
    const held = this.#abort.signal.aborted ? undefined : this.#room.takeAtOnce(bytes);
    if (held === undefined) return 0;
    this.#ahead = { rows, held };
    return rows;
  }

  #estimate(): { readonly rows: number; readonly bytes: number } {
    const share = this.#sizing.isBusy ? 1 : IDLE_SHARE / this.#groups();
    return this.#sizing.ask(Math.floor(this.#room.limitBytes * Math.min(REPLY_SHARE_MAX, share)));
  }
}
