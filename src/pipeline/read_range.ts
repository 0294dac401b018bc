import { EventSpans, readEventSpans } from "../bson/event_spans.ts";
import { UnreadableEventError } from "../model/errors.ts";
import { compareTokens, type Position } from "../model/position.ts";
import type { StreamSettings } from "../model/settings.ts";
import { type Batch, Batcher } from "./batcher.ts";
import type { EventCursor, SourceReply } from "./stages.ts";
import type { StreamContext } from "./stream_context.ts";
import { readUnreadableEvent } from "./unreadable_event.ts";

/** Events asked for at once: the range is at most a batch, and time matters more than speed here. */
const ROWS_A_REPLY = 1000;

const NO_LIMITS = {
  rowsMax: Number.MAX_SAFE_INTEGER,
  bytesMax: Number.MAX_SAFE_INTEGER,
  objectsMax: Number.MAX_SAFE_INTEGER,
};

/** A range of the stream as a record has it, and what it was made with. */
export interface Range {
  readonly from: Position;
  readonly to: Position;
  readonly settings: StreamSettings;
  /** Tokens of the events that are dead letters, with their reasons. */
  readonly setAside: ReadonlyMap<string, string>;
}

/**
 * Reads the events of `(from, to]` again.
 *
 * Ends at the first token or high-water mark at or after `to`: an event with exactly that token need not exist. Throws
 * what the source throws, except that events the server cannot produce are in the batch's `unreadable`.
 */
export async function readRange(
  context: StreamContext,
  range: Range,
  signal: AbortSignal,
): Promise<Batch | undefined> {
  const batcher = new Batcher(
    context.stream,
    range.from,
    range.settings.keyRule.bucket,
    NO_LIMITS,
    range.setAside,
  );
  let rowsMax = ROWS_A_REPLY;
  for (;;) {
    try {
      await readOn(context, range, batcher, rowsMax, signal);
      return batcher.cut();
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      if (rowsMax > 1) {
        // One by one up to the event, so that what comes next is it.
        rowsMax = 1;
        continue;
      }
      const found = await readUnreadableEvent(
        context,
        range.settings,
        batcher.position,
        error,
        signal,
      );
      // The server contradicts itself: what it could not produce is not there. Later it may know better.
      if (found === undefined) throw error;
      if (compareTokens(found.position.data, range.to.data) > 0) return batcher.cut();
      batcher.addUnreadable(found.event, found.position);
      rowsMax = ROWS_A_REPLY;
    }
  }
}

async function readOn(
  context: StreamContext,
  range: Range,
  batcher: Batcher,
  rowsMax: number,
  signal: AbortSignal,
): Promise<void> {
  const { settings, to } = range;
  const from = batcher.position;
  if (compareTokens(from.data, to.data) >= 0) return;
  const request = { stream: context.stream, from, settings, images: "as-set" as const };
  const cursor: EventCursor = await context.source.open(request, signal);
  try {
    for (;;) {
      signal.throwIfAborted();
      const reply = await cursor.next(rowsMax);
      const inside = eventsUpTo(reply, to.data);
      batcher.add({ reply: { ...reply, starts: reply.starts.subarray(0, inside) }, next: 0 });
      const passed = inside < reply.starts.length ||
        compareTokens(reply.highWater.data, to.data) >= 0;
      if (passed || reply.invalidated) return;
    }
  } finally {
    await cursor.close();
  }
}

/** How many of the reply's events have a token at or before `data`. */
export function eventsUpTo(reply: SourceReply, data: string): number {
  if (compareTokens(reply.highWater.data, data) <= 0) return reply.starts.length;
  const spans = new EventSpans();
  const decoder = new TextDecoder();
  let count = 0;
  for (; count < reply.starts.length; count++) {
    readEventSpans(reply.bytes, reply.starts[count]!, spans);
    const token = decoder.decode(reply.bytes.subarray(spans.tokenStart, spans.tokenEnd));
    if (compareTokens(token, data) > 0) break;
  }
  return count;
}
