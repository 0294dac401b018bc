import { PermanentError } from "../../model/errors.ts";
import { epochOf } from "../../model/layout.ts";
import {
  describePosition,
  laterPosition,
  type Position,
  samePosition,
} from "../../model/position.ts";
import { isWider, type Stream, streamName, targetKey, wholeTarget } from "../../model/stream.ts";
import { findOverlappingJournals } from "./journal_ends.ts";
import { isRetired } from "./is_retired.ts";
import type { Journal } from "../ports.ts";

/** Retired targets at whose end one begins. */
export type Followed = readonly Stream[];

/** Told of a start before it is fixed, and of the targets that it follows: none where nothing of it was streamed before. */
export type IsNew = (start: Position, followed: Followed) => Promise<void>;

/**
 * Where a target begins, fixed once and for all: where retired streams of the same events have ended, else where
 * `resolveStart` says. `isNew` is awaited before the start is fixed, `follows` before that of one which goes on where others have ended.
 *
 * @throws {PermanentError} if retired streams have ended at different places, so that no start brings each event once.
 */
export async function fixTargetStart(
  journal: Journal,
  stream: Stream,
  resolveStart: () => Promise<Position>,
  isNew?: IsNew,
  follows?: (end: Position) => Promise<void>,
): Promise<Position> {
  const target = targetKey(stream);
  const fixed = await journal.readStart(target);
  if (fixed !== undefined) return fixed;
  const retired = await findRetired(journal, stream);
  const end = endOfAll(stream, retired);
  if (end !== undefined) await follows?.(end);
  const start = end ?? await resolveStart();
  await isNew?.(start, retired.map((each) => each.stream));
  return await journal.putStart(target, start);
}

/** A stream, and where it has ended. */
interface Retired {
  readonly stream: Stream;
  readonly to: Position;
}

/** The place where retired streams of the same events have ended; undefined where there are none. */
function endOfAll(stream: Stream, retired: readonly Retired[]): Position | undefined {
  // Of a target inside another one, the other may have brought more since: a database after its collections.
  const reached = retired.map((each) => {
    const wider = retired.filter((other) => isWider(other.stream, each.stream));
    return { ...each, to: wider.map((other) => other.to).reduce(laterPosition, each.to) };
  });
  const [first] = reached;
  if (first === undefined) return undefined;
  const other = reached.find(({ to }) => !samePosition(to, first.to));
  const { operationTime, data } = first.to;
  if (other === undefined) return { operationTime, data };
  const names = [...new Set(reached.map((each) => streamName(wholeTarget(each.stream))))].join(" ");
  throw new PermanentError(
    `Cannot begin ${streamName(stream)}: ${streamName(first.stream)} was retired at ` +
      `${describePosition(first.to)} and ${streamName(other.stream)} at ` +
      `${
        describePosition(other.to)
      }, so no start brings each event once; bring them to one place ` +
      `with \`tributary layout retire ${names}\`, or choose where to begin with \`tributary ` +
      `position set ${
        streamName(stream)
      }\`: what the others brought after that comes twice, what ` +
      "they did not bring before it is missing",
  );
}

/** Closed streams that share events with this one, of each target those of its last layout. */
async function findRetired(journal: Journal, stream: Stream): Promise<Retired[]> {
  const journals = await findOverlappingJournals(journal, stream);
  const byTarget = new Map<string, { readonly epoch: number; readonly retired: Retired[] }>();
  for (const { stream: each, last } of journals) {
    if (!isRetired(last)) continue;
    const target = targetKey(each);
    const epoch = epochOf(each);
    const known = byTarget.get(target);
    const one = { stream: each, to: last.to };
    if (known?.epoch === epoch) known.retired.push(one);
    else if (known === undefined || known.epoch < epoch) {
      byTarget.set(target, { epoch, retired: [one] });
    }
  }
  return [...byTarget.values()].flatMap(({ retired }) => retired);
}
