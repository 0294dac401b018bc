/**
 * Whether a server has another history than the one that a journal was written from, where its identity does not say.
 *
 * A user with the role `read` learns of a server nothing but the name of its set. But a server of the journal's history
 * whose oplog reaches back to the journal's last event gives exactly this event when it is read from there again, whatever
 * has become of its collection since; another server cannot, for the token holds the time, the place in the transaction
 * and the collection's UUID.
 */
import { EventSpans } from "../../bson/event/event_spans.ts";
import { HistoryLostError } from "../../model/errors.ts";
import {
  compareTokens,
  isSameEvent,
  positionAfterToken,
  positionAt,
} from "../../model/position.ts";
import type { JournalRecord } from "../../model/record.ts";
import { wholeTarget } from "../../model/stream.ts";
import { positionOfEvent } from "../../bson/event/event_position.ts";
import { findLastEvent } from "../read/last_event.ts";
import type { SourceReply } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/** Events asked for at once, of the time of one: a transaction may have many. */
const ROWS_A_REPLY = 1000;

/**
 * The token of the journal's last event, if the server should have that and has not. Undefined if it has, or if nothing
 * can be told: the journal has no event of late, or the oplog does not reach back to it.
 */
export async function findMissedEvent(
  context: StreamContext,
  last: JournalRecord,
  signal: AbortSignal,
): Promise<string | undefined> {
  const token = await findLastEvent(context.journal, context.key, last);
  if (token === undefined) return undefined;
  try {
    return await hasEvent(context, token, signal) ? undefined : token;
  } catch (error) {
    if (error instanceof HistoryLostError) return undefined;
    throw error;
  }
}

async function hasEvent(
  { source, stream, settings }: StreamContext,
  token: string,
  signal: AbortSignal,
): Promise<boolean> {
  const through = positionAfterToken(token);
  // It may be the token of an invalidate, which only the collection's own change stream gives.
  const { reading: _, ...unread } = settings;
  const cursor = await source.open({
    // Whatever was selected then: a partition, namespaces and stages may be others now.
    stream: wholeTarget(stream),
    settings: { ...unread, namespaces: { include: [], exclude: [] }, stages: [] },
    from: positionAt(through.operationTime),
    through,
    images: "none-but-names",
  }, signal);
  try {
    for (;;) {
      signal.throwIfAborted();
      const reply = await cursor.next(ROWS_A_REPLY);
      if (tokensOf(reply).some((each) => isSameEvent(each, token))) return true;
      if (reply.invalidated || compareTokens(reply.highWater.data, token) > 0) return false;
    }
  } finally {
    await cursor.close();
  }
}

function tokensOf({ bytes, starts }: SourceReply): string[] {
  const spans = new EventSpans();
  return [...starts].map((start) => positionOfEvent(bytes, start, spans).data);
}
