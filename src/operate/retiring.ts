import { PermanentError } from "../model/errors.ts";
import { type LayoutIntent, streamsOfLayout } from "../model/layout.ts";
import type { Position } from "../model/position.ts";
import { type Stream, streamKey, streamName, targetKey, wholeTarget } from "../model/stream.ts";
import { parseTarget } from "../model/stream_choice.ts";
import { mapLimited } from "../support/flow/limited.ts";
import { settledLayout } from "./change_layout.ts";
import { findJournals, type JournalEnds, readEnds } from "../pipeline/layout/journal_ends.ts";
import { readLayouts } from "../pipeline/layout/layout_streams.ts";
import { refuseUnread } from "./unread_snapshots.ts";
import type { OperatorParts } from "./operator_context.ts";

const LOOKS_IN_FLIGHT_MAX = 8;

/** A target that ends or has ended, the streams of its last layout, and the layout that ends it. */
export interface Retiring {
  readonly stream: Stream;
  readonly target: string;
  /** Those that are to be closed, or were; some may not have begun. */
  readonly streams: readonly Stream[];
  readonly intent: LayoutIntent;
}

/** Where a stream that was retired has ended. */
export interface Ended {
  readonly stream: Stream;
  readonly at: Position;
}

/**
 * What is to be done to retire the target that a person names.
 *
 * @throws {PermanentError} where it is refused.
 */
export async function findRetiring(parts: OperatorParts, word: string): Promise<Retiring> {
  const { journal, layouts } = parts;
  const { journals, lost } = await findJournals(journal, word);
  if (lost.length > 0) {
    throw new PermanentError(
      `Cannot retire ${word}: the first record of the journal ${lost[0]} is gone; restore it, or ` +
        `accept the loss with \`tributary position adopt ${word}\``,
    );
  }
  const [first] = journals;
  const named = first?.stream ?? parseTarget(word);
  const stream = named === undefined ? undefined : wholeTarget(named);
  const target = stream === undefined ? undefined : targetKey(stream);
  const known = target === undefined ? [] : await readLayouts(layouts, target);
  const latest = known.at(-1);
  // One that has not begun has its end already where a stream that follows has asked for it.
  if (stream === undefined || target === undefined || (first === undefined && latest?.of !== 0)) {
    throw new PermanentError(`Cannot retire ${word}: it was never streamed here`);
  }
  if (latest?.of === 0) {
    const intent = { epoch: latest.epoch, of: 0 };
    const before = known.findLast(({ of }) => of > 0) ?? { epoch: 0, of: 1 };
    const last = stream.level === "collection" ? streamsOfLayout(stream, before) : [stream];
    return { stream, target, streams: last, intent };
  }
  return await findOpen(parts, word, stream, journals);
}

async function findOpen(
  parts: OperatorParts,
  word: string,
  stream: Stream,
  journals: readonly JournalEnds[],
): Promise<Retiring> {
  const { journal, layouts } = parts;
  const target = targetKey(stream);
  const isOpen = journals.some(({ last }) => last.kind !== "closed");
  if (stream.level !== "collection") {
    if (!isOpen) throw closedAlready(word);
    await refuseUnread(parts, stream);
    return { stream, target, streams: [stream], intent: { epoch: 1, of: 0 } };
  }
  const current = await settledLayout(journal, layouts, stream);
  const streams = streamsOfLayout(stream, current);
  const ends = await mapLimited(
    streams,
    LOOKS_IN_FLIGHT_MAX,
    (each) => readEnds(journal, streamKey(each)),
  );
  const open = streams.filter((_, i) => ends[i]?.last.kind !== "closed");
  if (open.length === 0) throw closedAlready(word);
  const intent = { epoch: current.epoch + 1, of: 0 };
  const written = await layouts.readIntent(target, intent.epoch);
  if (written !== undefined && written.of > 0) throw dividedAnew(stream, written);
  return { stream, target, streams: open, intent };
}

/** What is said where a target cannot be retired now. */
export function dividedAnew(stream: Stream, { epoch, of }: LayoutIntent): PermanentError {
  return new PermanentError(
    `Cannot retire ${
      streamName(stream)
    }: its layout ${epoch} with ${of} streams is under way; try ` +
      "again when it is in force (`tributary layout show`), which needs an instance that runs it",
  );
}

function closedAlready(word: string): PermanentError {
  return new PermanentError(`Cannot retire ${word}: its journal is closed already`);
}
