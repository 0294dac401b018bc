import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { compareTokens } from "../../model/position.ts";
import type { SourceReply } from "../ports.ts";

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
