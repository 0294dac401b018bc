import { EventSpans, readEventSpans } from "../bson/event_spans.ts";
import type { UnreadableEventError } from "../model/errors.ts";
import { comparePositions, type Position } from "../model/position.ts";
import type { StreamSettings } from "../model/settings.ts";
import { positionOfEvent, type UnreadableEvent } from "./batcher.ts";
import type { SourceReply } from "./stages.ts";
import type { StreamContext } from "./stream_context.ts";

/** An event for the dead letters, and the position after it. */
export interface FoundUnreadable {
  readonly event: UnreadableEvent;
  readonly position: Position;
}

/**
 * Reads the event that the server could not produce, in the poorer form that it can.
 *
 * `from` must be just before it. Too large an event is asked for without looked-up documents and images, and is the
 * first that comes; one without its image is found as the first that lacks it when images are taken as they are
 * available. Undefined if the server now has nothing of the kind up to its end.
 */
export async function readUnreadableEvent(
  context: StreamContext,
  settings: StreamSettings,
  from: Position,
  error: UnreadableEventError,
  signal: AbortSignal,
): Promise<FoundUnreadable | undefined> {
  const tooLarge = error.reason === "too-large";
  const images = tooLarge ? "off" as const : "when-available" as const;
  const cursor = await context.source.open(
    { stream: context.stream, from, settings, images },
    signal,
  );
  const { operationTime } = await context.source.describe(signal);
  const end: Position = { operationTime, data: "" };
  try {
    const spans = new EventSpans();
    for (;;) {
      const reply = await cursor.next(1);
      for (const start of reply.starts) {
        if (!tooLarge && !lacksImage(reply, start, spans, settings)) continue;
        const position = positionOfEvent(reply.bytes, start, spans);
        const event = reply.bytes.slice(start, spans.end);
        return { event: { data: position.data, reason: error.message, event }, position };
      }
      if (reply.starts.length === 0 && comparePositions(reply.highWater, end) >= 0) {
        return undefined;
      }
    }
  } finally {
    await cursor.close();
  }
}

/** Whether the event should have an image that is not there. */
function lacksImage(
  reply: SourceReply,
  start: number,
  spans: EventSpans,
  settings: StreamSettings,
): boolean {
  readEventSpans(reply.bytes, start, spans);
  const operation = new TextDecoder().decode(
    reply.bytes.subarray(spans.operationStart, spans.operationEnd),
  );
  const lacksAfter = settings.fullDocument === "required" && operation === "update" &&
    spans.fullDocumentStart < 0;
  const lacksBefore = settings.fullDocumentBeforeChange === "required" &&
    ["update", "replace", "delete"].includes(operation) && spans.fullDocumentBeforeChangeStart < 0;
  return lacksAfter || lacksBefore;
}
