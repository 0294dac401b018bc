import { errorMessage, PermanentError } from "../model/errors.ts";
import { epochOf, type LayoutIntent } from "../model/layout.ts";
import { type Position, positionAfterTime, samePosition } from "../model/position.ts";
import { type Stream, streamName, targetKey, wholeTarget } from "../model/stream.ts";
import { mapLimited } from "../support/limited.ts";
import { settledLayout } from "./change_layout.ts";
import { findJournals, type JournalEnds, readEnds } from "./journal_ends.ts";
import { readLayouts } from "./layout_streams.ts";
import { contextOf, operatorLease, type OperatorParts } from "./operator_context.ts";
import { superviseStream } from "./supervise_stream.ts";

/** Streams that are run to their end side by side. */
const STREAMS_IN_FLIGHT_MAX = 8;

/** What became of the streams. */
export interface Retirement {
  /** In the order of their keys. */
  readonly streams: readonly { readonly stream: Stream; readonly at: Position }[];
  /** Whether all ended at one place, from which a stream of all their events can begin. */
  readonly isOnePlace: boolean;
}

/** One target, the journals of its streams, and the layout that ends it. */
interface Retiring {
  readonly stream: Stream;
  readonly journals: readonly JournalEnds[];
  readonly intent: LayoutIntent;
}

/**
 * Ends targets for good, all at one place: the server's last operation. Their streams are run up to there and closed,
 * with everything stored; instances at work take part. Called again after a failure, it completes what it has begun.
 *
 * @throws {PermanentError} where it is refused, or a stream cannot be run.
 */
export async function retireStreams(
  parts: OperatorParts,
  words: readonly string[],
): Promise<Retirement> {
  const retiring: Retiring[] = [];
  for (const word of words) retiring.push(await look(parts, word));
  for (const { stream, intent } of retiring) {
    const written = await parts.layouts.putIntent(targetKey(stream), intent);
    if (written.of === 0) continue;
    throw new PermanentError(
      `Cannot retire ${streamName(stream)}: its layout ${written.epoch} with ${written.of} ` +
        "streams is under way",
    );
  }
  await fixBarriers(parts, retiring);
  const all = retiring.flatMap(({ journals }) => journals);
  const streams = await mapLimited(all, STREAMS_IN_FLIGHT_MAX, (ends) => runToEnd(parts, ends));
  const [first] = streams;
  return { streams, isOnePlace: streams.every(({ at }) => samePosition(at, first!.at)) };
}

async function look(parts: OperatorParts, word: string): Promise<Retiring> {
  const { journal, layouts } = parts;
  const { journals, lost } = await findJournals(journal, word);
  if (lost.length > 0) {
    throw new PermanentError(
      `Cannot retire ${word}: the first record of the journal ${lost[0]} is gone`,
    );
  }
  const [first] = journals;
  if (first === undefined) {
    throw new PermanentError(`Cannot retire ${word}: it was never streamed here`);
  }
  const stream = wholeTarget(first.stream);
  const latest = (await readLayouts(layouts, targetKey(stream))).at(-1);
  if (latest?.of === 0) {
    const ending = journals.filter((each) => epochOf(each.stream) === latest.epoch - 1);
    return { stream, journals: ending, intent: { epoch: latest.epoch, of: 0 } };
  }
  const open = journals.filter(({ last }) => last.kind !== "closed");
  if (open.length === 0) {
    throw new PermanentError(`Cannot retire ${word}: its journal is closed already`);
  }
  const current = stream.level === "collection"
    ? await settledLayout(journal, layouts, stream)
    : { epoch: 0 };
  return { stream, journals: open, intent: { epoch: current.epoch + 1, of: 0 } };
}

/** One place for all: that of a retirement that was begun before, or the server's last operation. */
async function fixBarriers(
  { layouts, source, signal }: OperatorParts,
  retiring: readonly Retiring[],
): Promise<void> {
  const keys = retiring.map(({ stream }) => targetKey(stream));
  const known = await Promise.all(
    retiring.map(({ intent }, i) => layouts.read(keys[i]!, intent.epoch)),
  );
  // Asked for after all intents are there: no writer that has seen none is beyond it.
  const { operationTime } = await source.describe(signal);
  const barrier = known.find((each) => each !== undefined)?.barrier ??
    positionAfterTime(operationTime);
  for (const [i, { intent }] of retiring.entries()) {
    await layouts.put(keys[i]!, { ...intent, barrier });
  }
}

/** Runs a stream until it is closed, by us or by an instance at work. */
async function runToEnd(
  parts: OperatorParts,
  { stream, key, last }: JournalEnds,
): Promise<Retirement["streams"][number]> {
  if (last.kind === "closed") return { stream, at: last.to };
  const stop = new AbortController();
  const abort = () => stop.abort(parts.signal.reason);
  parts.signal.addEventListener("abort", abort);
  let failure: unknown;
  const context = contextOf(parts, stream);
  const supervised = superviseStream(
    () => context,
    operatorLease(parts, last),
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
