import type { UnreadableEvent } from "./readable_reply.ts";

/** The bytes of a dead-letter file: the events' BSON documents, one behind the other, as `bsondump` reads them. */
export function deadLetterBytes(events: readonly UnreadableEvent[]): Uint8Array<ArrayBuffer> {
  const total = events.reduce((sum, e) => sum + e.event.byteLength, 0);
  const bytes = new Uint8Array(total);
  let used = 0;
  for (const { event } of events) {
    bytes.set(event, used);
    used += event.byteLength;
  }
  return bytes;
}
