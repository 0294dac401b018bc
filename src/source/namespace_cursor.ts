import { EventSpans, readEventSpans } from "../bson/event/event_spans.ts";
import { TransientError } from "../model/errors.ts";
import { type Position, samePosition, withoutInvalidate } from "../model/position.ts";
import { isWholeCollection } from "../model/stream.ts";
import type { EventCursor, OpenRequest, Source, SourceReply } from "../pipeline/ports.ts";

/** Whether what is asked for is read by namespace: all events of a collection's name, whichever collection has it. */
export function isByNamespace({ stream, settings }: Pick<OpenRequest, "stream" | "settings">) {
  return settings.reading === "namespace" && isWholeCollection(stream);
}

/**
 * Opens what `request` asks for with `open`, which knows change streams of one collection: read by namespace where the
 * settings say so.
 */
export async function openAsSet(
  open: Source["open"],
  request: OpenRequest,
  signal: AbortSignal,
): Promise<EventCursor> {
  const cursor = await open(request, signal);
  return isByNamespace(request) ? new NamespaceCursor(open, request, cursor, signal) : cursor;
}

/**
 * The events of a namespace, read through change streams of the collection: one after the other, for the server ends each
 * with an invalidate when the collection is dropped or renamed, or another one is renamed to its name.
 *
 * The invalidate is left out, and the next change stream starts after the server's own token of it. To the receiver the
 * mark is a place like any other: opened there by time, the collection's change stream comes to the same end once more
 * (and goes on from it), and one of the database passes it. So nothing is lost or repeated wherever the process dies.
 */
class NamespaceCursor implements EventCursor {
  readonly #open: Source["open"];
  readonly #request: OpenRequest;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  readonly #spans = new EventSpans();
  /** Where the open change stream began, or the next one is to begin. */
  #from: Position;
  #cursor: EventCursor | undefined;

  constructor(
    open: Source["open"],
    request: OpenRequest,
    cursor: EventCursor,
    signal: AbortSignal,
  ) {
    this.#open = open;
    this.#request = request;
    this.#signal = signal;
    this.#from = request.from;
    this.#cursor = cursor;
  }

  async next(rowsMax: number, ahead?: () => number): Promise<SourceReply> {
    const cursor = this.#cursor ??= await this.#goOn();
    const reply = this.#withoutInvalidate(await cursor.next(rowsMax, ahead));
    if (!reply.invalidated) return reply;
    this.#cursor = undefined;
    await cursor.close();
    const mark = withoutInvalidate(reply.highWater);
    if (
      reply.highWater.invalidate === true && this.#from.invalidate === true &&
      samePosition(mark, this.#from)
    ) {
      throw new TransientError("Cannot read on: the server ends the change stream where it begins");
    }
    this.#from = reply.highWater;
    return { ...reply, highWater: mark, invalidated: false };
  }

  async close(): Promise<void> {
    this.#closing.abort(new TransientError("Cannot read on: the change stream was closed"));
    await this.#cursor?.close();
  }

  async #goOn(): Promise<EventCursor> {
    const signal = AbortSignal.any([this.#signal, this.#closing.signal]);
    signal.throwIfAborted();
    const cursor = await this.#open({ ...this.#request, from: this.#from }, signal);
    // Whoever closes us while we open has not seen this cursor.
    if (this.#closing.signal.aborted) await cursor.close();
    return cursor;
  }

  /** Nothing follows an invalidate, so it can only be the last event; it may come one reply before the end is told. */
  #withoutInvalidate(reply: SourceReply): SourceReply {
    const { bytes, starts } = reply;
    const last = starts.at(-1);
    if (last === undefined) return reply;
    readEventSpans(bytes, last, this.#spans);
    const { operationStart, operationEnd } = this.#spans;
    if (operationEnd - operationStart !== INVALIDATE.length) return reply;
    const isInvalidate = INVALIDATE.every((byte, at) => bytes[operationStart + at] === byte);
    return isInvalidate ? { ...reply, starts: starts.subarray(0, -1) } : reply;
  }
}

const INVALIDATE = new TextEncoder().encode("invalidate");
