import { PermanentError } from "../model/errors.ts";
import { type CollectionStream, streamsOfLayout } from "../model/layout.ts";
import { asEnd, laterPosition, type Position, samePosition } from "../model/position.ts";
import { type Stream, streamName, targetsOverlap } from "../model/stream.ts";
import { findOverlappingJournals } from "../pipeline/layout/journal_ends.ts";
import type { OperatorParts } from "./operator_context.ts";
import type { Ended, Retiring } from "./retiring.ts";

/** Somebody else may do the same at the same time, and fix another place. */
const ROUNDS_MAX = 4;

/**
 * Runs retired targets to their ends, and brings those collections that have ended earlier to the place of the last: a new
 * layout begins where such a collection ended, as one stream, and ends at that place. Nothing is missing and nothing is
 * twice, and a stream of all their events can begin there.
 *
 * Databases and partitions that have ended at different places cannot be brought further.
 */
export async function evenOut(
  parts: OperatorParts,
  retiring: readonly Retiring[],
  runAll: (streams: readonly Stream[]) => Promise<Ended[]>,
): Promise<readonly Ended[]> {
  let targets = retiring;
  for (let round = 1;; round++) {
    const all = await runAll(targets.flatMap(({ streams }) => streams));
    const ends = targets.map(({ streams }) => all.splice(0, streams.length));
    const last = ends.flat().map(({ at }) => at).reduce(laterPosition);
    const revived = await Promise.all(targets.map(async (each, i) => {
      const [first] = ends[i]!;
      const isEven = ends[i]!.every(({ at }) => samePosition(at, first!.at));
      if (!isEven || samePosition(first!.at, last) || each.stream.level !== "collection") {
        return undefined;
      }
      if (await isGoneOnWith(parts, each.stream)) return undefined;
      return () => revive(parts, each, each.stream as CollectionStream, first!.at, last);
    }));
    const again = revived.filter((each) => each !== undefined);
    if (again.length === 0 || round === ROUNDS_MAX) return ends.flat();
    const next: Retiring[] = [];
    for (const [i, each] of targets.entries()) next.push(await revived[i]?.() ?? each);
    targets = next;
  }
}

/** Whether a stream of other targets brings the collection's events already. */
async function isGoneOnWith({ journal }: OperatorParts, stream: Stream): Promise<boolean> {
  const others = await findOverlappingJournals(journal, stream);
  return others.some(({ stream: other, last }) =>
    other.level !== "collection" && targetsOverlap(other, stream) && last.kind !== "closed"
  );
}

/**
 * The layouts that bring a retired collection from one place to another. The end comes first: nobody sees it before the
 * layout that begins, and whoever runs that sees it.
 */
async function revive(
  { layouts }: OperatorParts,
  { target, intent: { epoch } }: Retiring,
  stream: CollectionStream,
  from: Position,
  to: Position,
): Promise<Retiring> {
  const place = ({ operationTime, data }: Position): Position => ({ operationTime, data });
  const end = { epoch: epoch + 2, of: 0 };
  await layouts.put(target, { ...end, barrier: asEnd(place(to)) });
  await layouts.putIntent(target, end);
  const begin = await layouts.putIntent(target, { epoch: epoch + 1, of: 1 });
  const layout = await layouts.put(target, { ...begin, barrier: place(from) });
  if (layout.of !== 1 || !samePosition(layout.barrier, from)) {
    throw new PermanentError(
      `Cannot bring ${streamName(stream)} to the place of the others: its layout ${layout.epoch} ` +
        "is another one; see `tributary layout show`",
    );
  }
  return { stream, target, streams: streamsOfLayout(stream, layout), intent: end };
}
