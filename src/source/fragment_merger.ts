import { EventSpans, readEventSpans } from "../bson/event/event_spans.ts";
import { mergeSplitEvent } from "../bson/event/merge_fragments.ts";
import { readInt32 } from "../bson/read.ts";

/** Events lying in one buffer. */
export interface Events {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

/**
 * Puts the events together that the server has split because they are over 16 MB; their fragments may come in several
 * replies. Replies without fragments are passed on untouched.
 */
export class FragmentMerger {
  readonly #spans = new EventSpans();
  /** Copies: the replies they came in are not kept alive for them. */
  #fragments: Uint8Array[] = [];

  /** Whether the last reply ended between two fragments. */
  get isInsideEvent(): boolean {
    return this.#fragments.length > 0;
  }

  /**
   * @throws {RangeError} if a fragment is missing.
   * @throws {MalformedBsonError} if an event's frame is broken.
   */
  merge(bytes: Uint8Array, starts: Uint32Array): Events {
    if (!this.isInsideEvent && !starts.some((start) => this.#isFragment(bytes, start))) {
      return { bytes, starts };
    }
    const events: Uint8Array[] = [];
    for (const start of starts) {
      const event = bytes.subarray(start, start + readInt32(bytes, start));
      if (this.#isFragment(bytes, start)) this.#add(event, events);
      else events.push(event);
    }
    return concatEvents(events);
  }

  #add(fragment: Uint8Array, events: Uint8Array[]): void {
    this.#fragments.push(fragment.slice());
    if (this.#spans.splitFragment < this.#spans.splitOf) return;
    events.push(mergeSplitEvent(this.#fragments));
    this.#fragments = [];
  }

  #isFragment(bytes: Uint8Array, start: number): boolean {
    readEventSpans(bytes, start, this.#spans);
    return this.#spans.splitFragment > 0;
  }
}

/** Events behind each other in one buffer. */
export function concatEvents(events: readonly Uint8Array[]): Events {
  const totalBytes = events.reduce((sum, event) => sum + event.length, 0);
  const bytes = new Uint8Array(totalBytes);
  const starts = new Uint32Array(events.length);
  let at = 0;
  for (const [index, event] of events.entries()) {
    starts[index] = at;
    bytes.set(event, at);
    at += event.length;
  }
  return { bytes, starts };
}
