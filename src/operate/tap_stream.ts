/**
 * Reads a stream for a person who looks at it: as a run would, with the same settings, but nothing is stored, no journal
 * is looked at and no lease is taken.
 */
import { EventSpans, readEventSpans } from "../bson/event_spans.ts";
import { withNamespace } from "../bson/with_namespace.ts";
import type { Position } from "../model/position.ts";
import { rowEncoding, type StreamSettings } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";
import { concatBytes } from "../support/concat_bytes.ts";
import { openReadable } from "../pipeline/read/past_unreadable.ts";
import type { ReadableCursor, ReadableReply } from "../pipeline/read/readable_reply.ts";
import type { Encoder, EncodeRequest, Source } from "../pipeline/ports.ts";

/** Events asked for at once: a person sees each as soon as it comes. */
const ROWS_A_REPLY = 100;

export interface TapParts {
  readonly source: Source;
  readonly encoder: Encoder;
  /** Their encoding is what is shown. */
  readonly settings: StreamSettings;
  readonly signal: AbortSignal;
  /** Told once when the stream has been opened. */
  opened(): void;
  /** How many more events are wanted. */
  left(): number;
  /** Says how many of so many events are wanted; they are spoken for then. */
  take(count: number): number;
  /** Takes events of a reply: an object of these rows. */
  rows(bytes: Uint8Array): void;
  /** Takes an event that would be a dead letter. */
  deadLetter(letter: TappedLetter): void;
}

export interface TappedLetter {
  readonly reason: string;
  /** The event's BSON as far as there is one. */
  readonly event: Uint8Array;
}

/** Reads on until enough events have come; rejects when the signal is aborted. */
export async function tapStream(parts: TapParts, stream: Stream, from: Position): Promise<void> {
  const { source, settings, signal } = parts;
  let position = from;
  let isFirst = true;
  while (parts.left() > 0) {
    const request = { stream, from: position, settings, images: "as-set" as const };
    const cursor = await openReadable(source, request, signal);
    if (isFirst) parts.opened();
    isFirst = false;
    const close = () => void cursor.close().catch(() => {});
    signal.addEventListener("abort", close, { once: true });
    try {
      position = await tapCursor(parts, stream, cursor);
    } finally {
      signal.removeEventListener("abort", close);
      await cursor.close();
    }
  }
}

/** Until enough have come, or the server has ended the stream, which then goes on where the answer says. */
async function tapCursor(
  parts: TapParts,
  stream: Stream,
  cursor: ReadableCursor,
): Promise<Position> {
  for (;;) {
    parts.signal.throwIfAborted();
    const reply = await cursor.next(Math.min(ROWS_A_REPLY, parts.left()));
    parts.signal.throwIfAborted();
    await takeReply(parts, stream, reply);
    if (reply.invalidated || parts.left() <= 0) return reply.highWater;
  }
}

async function takeReply(parts: TapParts, stream: Stream, reply: ReadableReply): Promise<void> {
  // Other streams may have brought some meanwhile.
  const starts = reply.starts.subarray(0, parts.take(reply.starts.length));
  if (starts.length > 0) {
    const events = [...starts].map((start) => namedEvent(reply.bytes, start, stream));
    const encoding = rowEncoding(parts.settings);
    const { bytes, failed } = await parts.encoder.encode({
      encoding,
      chunks: [chunkOf(events)],
    });
    parts.rows(bytes);
    for (const letter of failed) parts.deadLetter(letter);
  }
  if (reply.unreadable !== undefined && parts.take(1) === 1) parts.deadLetter(reply.unreadable);
}

/** An invalidate names nothing: it is about what the stream watches. */
function namedEvent(bytes: Uint8Array, start: number, stream: Stream): Uint8Array {
  const spans = new EventSpans();
  readEventSpans(bytes, start, spans);
  const event = bytes.subarray(start, spans.end);
  if (spans.databaseStart >= 0 || stream.level === "deployment") return event;
  return withNamespace(
    event,
    stream.database,
    stream.level === "collection" ? stream.collection : null,
  );
}

function chunkOf(events: readonly Uint8Array[]): EncodeRequest["chunks"][number] {
  let at = 0;
  const starts = Uint32Array.from(events, (event) => (at += event.length) - event.length);
  return { bytes: concatBytes(events), starts };
}
