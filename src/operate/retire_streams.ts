import { errorMessage, PermanentError } from "../model/errors.ts";
import { positionAfterTime, samePosition } from "../model/position.ts";
import { type Stream, streamKey, streamName } from "../model/stream.ts";
import { mapLimited } from "../support/flow/limited.ts";
import { completeLayout } from "../pipeline/layout/barrier.ts";
import { evenOut } from "./even_out.ts";
import { readEnds } from "../pipeline/layout/journal_ends.ts";
import { readFacts } from "../pipeline/recover/open_journal.ts";
import { contextOf, operatorLease, type OperatorParts } from "./operator_context.ts";
import { dividedAnew, type Ended, findRetiring, type Retiring } from "./retiring.ts";
import { type Unread, unreadSnapshots } from "./unread_snapshots.ts";
import { superviseStream } from "../pipeline/run/supervise_stream.ts";

/** Targets looked at, and streams that are run to their end, side by side. */
const IN_FLIGHT_MAX = 8;

/**
 * So far in the future all targets of one command end: within that time their layouts and intents are written. A store that
 * takes longer does no harm, but then some have to be brought to the place of the last (`even_out.ts`).
 */
const LEAD_SECONDS = 3;

/** What became of the streams. */
export interface Retirement {
  /** In the order in which their targets were named. */
  readonly streams: readonly Ended[];
  /** Whether all ended at one place, from which a stream of all their events can begin. */
  readonly isOnePlace: boolean;
  /** Snapshots that are not complete: a wider stream that follows goes on with them. */
  readonly unread: readonly string[];
}

/**
 * Ends targets for good, all at one place. Their streams are run up to there and closed, with everything stored;
 * instances at work take part. Called again after a failure, it completes what it has begun; called with targets that have
 * ended at different places, it brings those that ended earlier to the place of the last.
 *
 * @throws {PermanentError} where it is refused, or a stream cannot be run.
 */
export async function retireStreams(
  parts: OperatorParts,
  words: readonly string[],
): Promise<Retirement> {
  const found = await mapLimited(words, IN_FLIGHT_MAX, (word) => findRetiring(parts, word));
  const retiring = [...new Map(found.map((each) => [each.target, each])).values()];
  await fixEnds(parts, retiring);
  const runAll = (streams: readonly Stream[]) =>
    mapLimited(streams, IN_FLIGHT_MAX, (stream) => runToEnd(parts, stream));
  const streams = await evenOut(parts, retiring, runAll);
  const [first] = streams;
  const unread = await unreadSnapshots(parts, retiring.map(({ stream }) => stream));
  return {
    unread: unread.filter(isToBeRead).map(({ id }) => id).sort(),
    streams,
    isOnePlace: streams.every(({ at }) => samePosition(at, first!.at)),
  };
}

function isToBeRead({ state }: Unread): boolean {
  return state !== "cancelling";
}

/**
 * Lets the streams know where they end. One alone ends at the server's last operation, asked for when its intent is
 * there. Several end at one place in the future: their layouts are written first, which nobody looks at without an
 * intent, then the intents. Whoever sees an intent finds the place fixed, and hardly anybody can be beyond it.
 *
 * Of partitions the intent comes first: nothing brings them to one place that have ended at different ones, as they would at
 * the place of a command that has died before its intents, when that lies in the past.
 */
async function fixEnds(parts: OperatorParts, retiring: readonly Retiring[]): Promise<void> {
  const { layouts, source, signal } = parts;
  const each = (work: (one: Retiring) => Promise<unknown>) =>
    mapLimited(retiring, IN_FLIGHT_MAX, work);
  if (retiring.length > 1) {
    const { operationTime: { t } } = await source.describe(signal);
    const barrier = positionAfterTime({ t: t + LEAD_SECONDS, i: 1 });
    await each(async ({ target, intent, streams }) => {
      if (streams.length > 1) await layouts.putIntent(target, intent);
      // Where there is an intent, somebody else may fix the place at any moment.
      else if (await layouts.readIntent(target, intent.epoch) !== undefined) return;
      await layouts.put(target, { ...intent, barrier });
    });
  }
  await each(async ({ stream, target, intent }) => {
    await layouts.putIntent(target, intent);
    const layout = await layouts.read(target, intent.epoch) ??
      await layouts.readIntent(target, intent.epoch) ?? intent;
    if (layout.of > 0) throw dividedAnew(stream, layout);
  });
  await each(({ intent, streams }) => completeLayout(parts, streams, intent, signal));
}

/** Runs a stream until it is closed, by us or by an instance at work. */
async function runToEnd(parts: OperatorParts, stream: Stream): Promise<Ended> {
  const key = streamKey(stream);
  const found = await readEnds(parts.journal, key);
  if (found?.last.kind === "closed") return { stream, at: found.last.to };
  const stop = new AbortController();
  const abort = () => stop.abort(parts.signal.reason);
  parts.signal.addEventListener("abort", abort);
  let failure: unknown;
  const plain = contextOf(parts, stream);
  // The end of a stream is no reason to change what it selects, or how.
  const settings = found === undefined
    ? plain.settings
    : (await readFacts(plain, found.last)).settings;
  const context = { ...plain, settings };
  const supervised = superviseStream(
    () => context,
    operatorLease(parts, found?.last),
    stop.signal,
    () => {
      if (supervised.condition !== "failed") return;
      failure = supervised.error;
      stop.abort();
    },
  );
  await supervised.ended;
  parts.signal.removeEventListener("abort", abort);
  parts.signal.throwIfAborted();
  const ends = await readEnds(parts.journal, key);
  if (ends?.last.kind === "closed") return { stream, at: ends.last.to };
  throw new PermanentError(
    `Cannot run ${streamName(stream)} to its end: ${errorMessage(failure)}; do it again then`,
  );
}
