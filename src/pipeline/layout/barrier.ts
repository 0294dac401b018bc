import { laterTime } from "../../model/cluster_time.ts";
import { LayoutChangedError } from "../../model/errors.ts";
import { epochOf, type Layout, type LayoutIntent, streamsOfLayout } from "../../model/layout.ts";
import { asEnd, comparePositions, type Position, positionAfterTime } from "../../model/position.ts";
import { type Stream, streamKey, targetKey } from "../../model/stream.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { eventsUpTo } from "../read/events_up_to.ts";
import type { LayoutNews } from "./layout_watch.ts";
import type { ReadableReply } from "../read/readable_reply.ts";
import type { Journal, Layouts, Source } from "../ports.ts";

/** How soon a stream that heard of a next layout looks for it again where it could not find it. */
const LOOK_AGAIN_MS = 30_000;

/** Journals whose ends are asked for side by side. */
const LOOKS_IN_FLIGHT_MAX = 8;

/** What the place of a barrier depends on. */
export interface EndParts {
  readonly journal: Pick<Journal, "last">;
  readonly layouts: Layouts;
  readonly source: Source;
}

/** What a barrier is found with. */
export interface BarrierParts extends EndParts {
  readonly layoutNews: LayoutNews;
  readonly stream: Stream;
}

/**
 * Finds where a collection's stream ends because another layout follows.
 *
 * Before each append the writer asks, after the batch has been read. Where it finds no intent of a next layout, then
 * whoever writes the intent later fixes the barrier later still, at an operation time that is past everything in this
 * batch: so no stream that has not seen the intent can be beyond the barrier. Where it finds one, the barrier is known,
 * or is fixed here.
 */
export class Barrier {
  readonly #parts: EndParts;
  readonly #news: LayoutNews;
  readonly #stream: Stream;
  readonly #target: string;
  readonly #epochNext: number;
  #layout: Layout | undefined;
  #lookedMs = -Infinity;

  constructor({ journal, layouts, layoutNews, source, stream }: BarrierParts) {
    this.#parts = { journal, layouts, source };
    this.#news = layoutNews;
    this.#stream = stream;
    this.#target = targetKey(stream);
    this.#epochNext = epochOf(stream) + 1;
  }

  /** The barrier as far as it has been found; once known it does not change. */
  get position(): Position | undefined {
    return this.#layout?.barrier;
  }

  /** The layout that begins there. */
  get layout(): Layout | undefined {
    return this.#layout;
  }

  /** Looks for the barrier now. */
  async find(signal: AbortSignal): Promise<Position | undefined> {
    if (this.#layout !== undefined) return this.#layout.barrier;
    this.#layout = await findEnd(this.#parts, this.#stream, signal);
    return this.#layout?.barrier;
  }

  /** Whether a stream that is this far has come to its end. */
  isReachedBy(position: Position): boolean {
    return this.position !== undefined && comparePositions(position, this.position) >= 0;
  }

  /** @throws {LayoutChangedError} if the barrier lies before `to`; to be asked for between reading and appending it. */
  async assertBefore(to: Position, signal: AbortSignal): Promise<void> {
    const barrier = await this.find(signal);
    if (barrier === undefined || comparePositions(to, barrier) <= 0) return;
    throw new LayoutChangedError(
      "The stream ends before this batch: the collection is divided anew",
    );
  }

  /** A reply without what lies beyond the barrier. */
  trim(reply: ReadableReply): ReadableReply {
    const barrier = this.position;
    if (barrier === undefined || comparePositions(reply.highWater, barrier) <= 0) return reply;
    const starts = reply.starts.subarray(0, eventsUpTo(reply, barrier.data));
    // An unreadable event is the last of its reply: it lies beyond.
    const { unreadable: _, ...readable } = reply;
    return { ...readable, starts, highWater: barrier, invalidated: false };
  }

  /**
   * Looks for the barrier where there is news of a next layout, so that an idle stream learns of it, too. Costs nothing
   * where there is none, so it may be asked for at each turn.
   */
  lookIfDue(nowMs: number, signal: AbortSignal, found: () => void): void {
    if (this.#layout !== undefined) return;
    this.#news.lookIfDue();
    if (this.#news.newestEpoch(this.#target) < this.#epochNext) return;
    if (nowMs - this.#lookedMs < LOOK_AGAIN_MS) return;
    this.#lookedMs = nowMs;
    this.find(signal).then((barrier) => {
      if (barrier !== undefined) found();
    }, () => {
      // The next append meets the same destination and says what is wrong with it.
    });
  }
}

/**
 * The layout at whose barrier a stream ends, fixed here if need be; undefined where none follows. For somebody who has
 * decided on a position before asking: where there is no intent by then, a later one lies behind that position.
 */
export async function findEnd(
  parts: EndParts,
  stream: Stream,
  signal: AbortSignal,
): Promise<Layout | undefined> {
  const intent = await parts.layouts.readIntent(targetKey(stream), epochOf(stream) + 1);
  if (intent === undefined) return undefined;
  const layout = await completeLayout(parts, besides(stream), intent, signal);
  return { ...layout, barrier: asEnd(layout.barrier) };
}

/**
 * The layout of an intent, which was there before: fixes its barrier at the server's last operation, or at the furthest end
 * of the journals of `streams`, all that end there, if that server lags behind it; unless somebody has done so.
 */
export async function completeLayout(
  { journal, layouts, source }: EndParts,
  streams: readonly Stream[],
  intent: LayoutIntent,
  signal: AbortSignal,
): Promise<Layout> {
  const target = targetKey(streams[0]!);
  const known = await layouts.read(target, intent.epoch);
  if (known !== undefined) return known;
  const { operationTime } = await source.describe(signal);
  const lasts = await mapLimited(
    streams,
    LOOKS_IN_FLIGHT_MAX,
    (each) => journal.last(streamKey(each)),
  );
  const time = lasts.flatMap((last) => last === undefined ? [] : [last.to.operationTime])
    .reduce(laterTime, operationTime);
  return await layouts.put(target, { ...intent, barrier: positionAfterTime(time) });
}

/** A stream and those beside which it runs: the partitions of its layout. */
function besides(stream: Stream): readonly Stream[] {
  if (stream.level !== "collection" || stream.partition === undefined) return [stream];
  return streamsOfLayout(stream, stream.partition);
}
