import { compareTokens, type Position } from "../../model/position.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { type Batch, Batcher } from "./batcher.ts";
import { eventsUpTo } from "../read/events_up_to.ts";
import { openReadable } from "../read/past_unreadable.ts";
import type { StreamContext } from "../stream_context.ts";

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
  await readInto(batcher, context, range, signal);
  return batcher.cut();
}

async function readInto(
  batcher: Batcher,
  context: StreamContext,
  range: Range,
  signal: AbortSignal,
): Promise<void> {
  const { settings, from, to } = range;
  if (compareTokens(from.data, to.data) >= 0) return;
  const request = { stream: context.stream, from, settings, images: "as-set" as const };
  const cursor = await openReadable(context.source, request, signal);
  try {
    for (;;) {
      signal.throwIfAborted();
      const reply = await cursor.next(ROWS_A_REPLY);
      const inside = eventsUpTo(reply, to.data);
      // An unreadable event is the last of its reply.
      if (reply.unreadable !== undefined && compareTokens(reply.highWater.data, to.data) > 0) {
        return;
      }
      batcher.add({ reply: { ...reply, starts: reply.starts.subarray(0, inside) }, next: 0 });
      const passed = inside < reply.starts.length ||
        compareTokens(reply.highWater.data, to.data) >= 0;
      if (passed || reply.invalidated) return;
    }
  } finally {
    await cursor.close();
  }
}
