/**
 * Reads a change stream past the events that the server cannot produce: each of them costs itself and nothing else.
 *
 * The server fails the whole reply in which such an event would be, and does not say which one it is. So the next events
 * are listed in a form that it can always produce, and the list is read in the wanted form in ranges with an end. A range
 * that fails is divided, down to the one event that fails when it is asked for alone. What else is in the list is read
 * meanwhile, however many such events there are.
 */
import { positionOfEvent } from "../../bson/event/event_position.ts";
import { EventSpans } from "../../bson/event/event_spans.ts";
import { UnreadableEventError } from "../../model/errors.ts";
import { comparePositions, type Position, positionAt, samePosition } from "../../model/position.ts";
import type { ReadableCursor, ReadableReply } from "./readable_reply.ts";
import { eventsUpTo } from "./events_up_to.ts";
import type { EventCursor, OpenRequest, Source, SourceReply } from "../ports.ts";

/** Events listed at once. Their bytes are limited by what a reply of the server can have, 16 MB and a little. */
const LISTED_MAX = 1000;

/** The end of a KeyString. */
const TOKEN_END = "04";

/** Opens a change stream that does not fail on an event that the server cannot produce. */
export async function openReadable(
  source: Source,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<ReadableCursor> {
  let reading: PastUnreadable | undefined;
  const { nothing } = request;
  const own = nothing === undefined ? request : {
    ...request,
    nothing: (upTo: Position, waitMs: number) =>
      reading?.noteNothing(upTo, () => nothing(upTo, waitMs)) ?? false,
  };
  const cursor = await source.open(own, signal);
  return reading = new PastUnreadable(source, own, cursor, signal);
}

/** An event as it is listed. */
interface Listed {
  readonly position: Position;
  /** Its BSON in the poorer form. */
  readonly event: Uint8Array;
}

/** Listed events that are read together, at least one. */
type Range = readonly Listed[];

class PastUnreadable implements ReadableCursor {
  readonly #source: Source;
  readonly #request: OpenRequest;
  readonly #signal: AbortSignal;
  readonly #spans = new EventSpans();
  /** Everything up to here was given. */
  #position: Position;
  /** Of the whole stream, or of the first range where there is one. */
  #cursor: EventCursor | undefined;
  #ranges: Range[] = [];
  /** Of the first range, since an event failed. */
  #eventsRead = 0;
  /** Some of the next events with the images that there are: one reply of the server. */
  #withImagesListed: readonly Listed[] = [];
  /** Why there are ranges, until the event that is the reason has been found. */
  #sought: UnreadableEventError | undefined;
  #foundNothingAt: Position | undefined;
  #isClosed = false;

  constructor(source: Source, request: OpenRequest, cursor: EventCursor, signal: AbortSignal) {
    this.#source = source;
    this.#request = request;
    this.#signal = signal;
    this.#position = request.from;
    this.#cursor = cursor;
  }

  get holdsRoom(): boolean {
    return this.#cursor?.holdsRoom === true;
  }

  async next(rowsMax: number, ahead?: () => number): Promise<ReadableReply> {
    for (;;) {
      const [range] = this.#ranges;
      if (range === undefined && this.#sought !== undefined) {
        await this.#list(this.#sought);
        continue;
      }
      if (range === undefined) this.#withImagesListed = [];
      const reply = range === undefined
        ? await this.#readOn(rowsMax, ahead)
        : await this.#readRange(range, rowsMax);
      if (reply === undefined) continue;
      this.#position = reply.highWater;
      return reply;
    }
  }

  /** There is nothing for the stream up to here, where it takes note of that; not while events are sought one by one. */
  noteNothing(upTo: Position, isNoted: () => boolean): boolean {
    if (this.#ranges.length > 0 || this.#sought !== undefined || !isNoted()) return false;
    this.#position = upTo;
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#cursor?.close();
  }

  async #readOn(rowsMax: number, ahead?: () => number): Promise<ReadableReply | undefined> {
    try {
      this.#signal.throwIfAborted();
      const cursor = this.#cursor ?? await this.#opened({});
      return await cursor.next(rowsMax, ahead);
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      await this.#closeCursor();
      this.#sought = error;
      return undefined;
    }
  }

  /** Makes ranges of what comes next. Where nothing does, the event may be readable by now: its document has changed. */
  async #list(sought: UnreadableEventError): Promise<void> {
    const listed = await this.#listIn("off") ?? await this.#listIn("none-but-names") ?? [];
    if (listed.length > 0) {
      this.#ranges = [listed];
      return;
    }
    // The server contradicts itself: what it cannot produce is not there. Later it may know better.
    const { foundNothingAt, position } = {
      foundNothingAt: this.#foundNothingAt,
      position: this.#position,
    };
    if (foundNothingAt !== undefined && samePosition(foundNothingAt, position)) throw sought;
    this.#foundNothingAt = position;
    this.#sought = undefined;
  }

  /** The next events, none if there are none up to the server's end; undefined where not even this form can be produced. */
  async #listIn(images: "off" | "none-but-names"): Promise<Listed[] | undefined> {
    const cursor = await this.#opened({ images });
    const { operationTime } = await this.#source.describe(this.#signal);
    const end = positionAt(operationTime);
    try {
      for (;;) {
        const reply = await cursor.next(LISTED_MAX);
        const { starts, highWater, invalidated } = reply;
        if (starts.length > 0) return [...starts].map((start) => this.#listedAt(reply, start));
        if (invalidated || comparePositions(highWater, end) >= 0) return [];
      }
    } catch (error) {
      if (error instanceof UnreadableEventError) return undefined;
      throw error;
    } finally {
      await this.#closeCursor();
    }
  }

  #listedAt({ bytes }: SourceReply, start: number): Listed {
    const position = positionOfEvent(bytes, start, this.#spans);
    return { position, event: bytes.subarray(start, this.#spans.end) };
  }

  /** Asks for as many events as have been read since one failed: where many are unreadable, little is read in vain. */
  async #readRange(range: Range, rowsMax: number): Promise<ReadableReply | undefined> {
    const left = range.filter(({ position }) => comparePositions(position, this.#position) > 0);
    const through = range.at(-1)!.position;
    const rows = Math.min(rowsMax, left.length, Math.max(1, this.#eventsRead));
    try {
      const cursor = await this.#opened({ through });
      const reply = upTo(await cursor.next(rows), through);
      this.#eventsRead += reply.starts.length;
      if (comparePositions(reply.highWater, through) < 0) return reply;
      this.#ranges.shift();
      await this.#closeCursor();
      return reply;
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      await this.#closeCursor();
      this.#ranges.shift();
      this.#eventsRead = 0;
      if (left.length === 1) return await this.#takeUnreadable(left[0]!, error);
      const middle = rows < left.length ? rows : left.length >> 1;
      this.#ranges.unshift(left.slice(0, middle), left.slice(middle));
      return undefined;
    }
  }

  async #takeUnreadable(listed: Listed, error: UnreadableEventError): Promise<ReadableReply> {
    this.#sought = undefined;
    const { position } = listed;
    const isRicher = error.reason === "image-missing";
    const richer = isRicher ? await this.#withImages(position) : undefined;
    const bytes = (richer ?? listed.event).slice();
    return {
      bytes,
      starts: new Uint32Array(0),
      highWater: position,
      invalidated: false,
      waitMs: 0,
      unreadable: { data: position.data, reason: error.message, event: bytes },
    };
  }

  /** The event with those of its images that there are; undefined if it cannot be produced so either. */
  async #withImages(position: Position): Promise<Uint8Array | undefined> {
    const isIt = (listed: Listed) => samePosition(listed.position, position);
    const known = this.#withImagesListed.find(isIt);
    if (known !== undefined) return known.event;
    // Most often others that follow lack their images, too; alone, the event does not suffer from them.
    for (const through of [this.#ranges.at(-1)?.at(-1)?.position ?? position, position]) {
      this.#withImagesListed = await this.#listThrough(through) ?? [];
      const found = this.#withImagesListed.find(isIt);
      if (found !== undefined) return found.event;
    }
    return undefined;
  }

  async #listThrough(through: Position): Promise<Listed[] | undefined> {
    const cursor = await this.#opened({ images: "when-available", through });
    try {
      for (;;) {
        const reply = upTo(await cursor.next(LISTED_MAX), through);
        const { starts, highWater } = reply;
        if (starts.length > 0) return [...starts].map((start) => this.#listedAt(reply, start));
        if (comparePositions(highWater, through) >= 0) return [];
      }
    } catch (error) {
      if (error instanceof UnreadableEventError) return undefined;
      throw error;
    } finally {
      await this.#closeCursor();
    }
  }

  /** The cursor that is open, or a new one just behind what was given. */
  async #opened(form: Partial<Pick<OpenRequest, "images" | "through">>): Promise<EventCursor> {
    this.#signal.throwIfAborted();
    if (this.#cursor !== undefined) return this.#cursor;
    const { live: _, nothing: __, ...bounded } = this.#request;
    const isPlain = form.images === undefined && form.through === undefined;
    const request = {
      ...(isPlain ? this.#request : bounded),
      from: this.#position,
      ...form,
    };
    const cursor = this.#cursor = await this.#source.open(request, this.#signal);
    // Whoever closes us while we open has not seen this cursor.
    if (this.#isClosed) await cursor.close();
    return cursor;
  }

  async #closeCursor(): Promise<void> {
    const cursor = this.#cursor;
    this.#cursor = undefined;
    // A cursor that cannot be closed is of no use to anybody, and the server drops it after a while.
    await cursor?.close().catch(() => {});
  }
}

/** A reply without what lies beyond `through`, an event as it is listed. */
function upTo(reply: SourceReply, through: Position): SourceReply {
  const end = { ...through, data: behindFragments(through.data) };
  if (comparePositions(reply.highWater, end) <= 0) return reply;
  const starts = reply.starts.subarray(0, eventsUpTo(reply, end.data));
  return { ...reply, starts, highWater: through, invalidated: false };
}

/**
 * A place behind all fragments of an event: where the server splits what is over 16 MB, the token that a listed event has
 * goes on with the number of a fragment before its end (MongoDB `src/mongo/db/pipeline/resume_token.cpp`).
 */
function behindFragments(data: string): string {
  return data.endsWith(TOKEN_END) ? data.slice(0, -TOKEN_END.length) + "FF" : data;
}
