import type { PipelineEvent } from "../events.ts";
import { firstEventTime } from "../read/first_event_time.ts";
import type { ReadableReply } from "../read/readable_reply.ts";

/** What people may want to know of a reply. */
export function replyRead(reply: ReadableReply): PipelineEvent {
  const { starts, bytes, waitMs, highWater, unreadable, isSecondHand } = reply;
  const first = firstEventTime(bytes, starts);
  return {
    type: "reply-read",
    events: starts.length + (unreadable === undefined ? 0 : 1),
    bytes: bytes.byteLength,
    waitMs,
    highWater: highWater.operationTime,
    ...(first === undefined ? {} : { first }),
    ...(isSecondHand === undefined ? {} : { isSecondHand }),
  };
}
