import { FencedError, PermanentError } from "../model/errors.ts";
import {
  comparePositions,
  describePosition,
  type Position,
  samePosition,
} from "../model/position.ts";
import type { Point } from "../model/start_from.ts";
import type { GapRecord, GenesisRecord, JournalRecord } from "../model/record.ts";
import { type Stream, streamName, targetKey } from "../model/stream.ts";
import { parseTarget } from "../model/stream_choice.ts";
import { appendRecord } from "../pipeline/record/append_record.ts";
import { findEnd } from "../pipeline/layout/barrier.ts";
import { isFarewell } from "../pipeline/record/farewell.ts";
import { settleOverlap } from "../pipeline/recover/genesis.ts";
import { findJournals, type JournalEnds, readEnds } from "../pipeline/layout/journal_ends.ts";
import { newRecordBase } from "../pipeline/record/journal_tail.ts";
import { contextOf, operatorLease, type OperatorParts } from "./operator_context.ts";
import { resolvePoint } from "./point.ts";
import type { Lease } from "../pipeline/ports.ts";
import type { StreamContext } from "../pipeline/stream_context.ts";

/** A writer at work appends at most a few records while we look for the end. */
const MOVE_TRIES_MAX = 20;

/** What became of one stream. */
export interface Move {
  readonly stream: Stream;
  /** Where it stood; absent where it had no journal, and its start was fixed. */
  readonly from?: Position;
  readonly to: Position;
  /** The gap record; absent where nothing had to be appended. */
  readonly seq?: number;
  /** The stream ends here, before the point that was named: it is divided anew or retired. */
  readonly isEnd?: true;
}

/**
 * Moves a stream, or all partitions of a collection, to a point. Without a journal its start is fixed there. With one,
 * a `gap` record says what is left out, and whoever runs the stream goes on behind it; that needs `force`, and goes
 * forward only. No stream is moved beyond the barrier at which it ends: the streams that follow begin there.
 *
 * @throws {PermanentError} where it is refused, with nothing changed.
 */
export async function movePosition(
  parts: OperatorParts,
  word: string,
  point: Point,
  force: boolean,
): Promise<Move[]> {
  const { journals, lost } = await findJournals(parts.journal, word);
  if (lost.length > 0) throw new PermanentError(lostSentence(word, lost));
  if (journals.length === 0) return [await fixStart(parts, targetNamed(word), point)];
  const open = journals.filter(({ last }) => last.kind !== "closed");
  if (open.length === 0) {
    throw new PermanentError(`Cannot move ${word}: its journal is closed; use another prefix`);
  }
  const to = await resolvePoint(parts, open[0]!.stream, point);
  for (const ends of open) await placeFor(parts, ends, to);
  const ahead = open.find(({ last }) => !samePosition(last.to, to));
  if (ahead !== undefined && !force) throw new PermanentError(askForForce(ahead, to));
  const moves: Move[] = [];
  for (const ends of open) moves.push(await appendGap(parts, ends, to));
  return moves;
}

function targetNamed(word: string): Stream {
  const stream = parseTarget(word);
  if (stream !== undefined) return stream;
  throw new PermanentError(
    `Cannot find the stream "${word}": write deployment, database:shop or shop.orders`,
  );
}

async function fixStart(parts: OperatorParts, stream: Stream, point: Point): Promise<Move> {
  const { journal } = parts;
  const target = targetKey(stream);
  const to = await resolvePoint(parts, stream, point);
  const fixed = await journal.readStart(target) ?? await journal.putStart(target, to);
  if (samePosition(fixed, to)) return { stream, to };
  throw new PermanentError(
    `Cannot fix the start of ${streamName(stream)} at ${describePosition(to)}: it was fixed at ` +
      `${describePosition(fixed)} before, once and for all; use another prefix`,
  );
}

/**
 * Where a stream that is to be moved to `to` comes to.
 *
 * @throws {PermanentError} if that is not forward.
 */
async function placeFor(
  parts: OperatorParts,
  { stream, last }: JournalEnds,
  to: Position,
): Promise<{ readonly to: Position; readonly isEnd: boolean }> {
  const name = streamName(stream);
  if (comparePositions(last.to, to) > 0) {
    throw new PermanentError(
      `Cannot move ${name} back from ${describePosition(last.to)} to ${describePosition(to)}: a ` +
        "journal goes forward only; to read again from there, use another prefix",
    );
  }
  const layout = await findEnd(parts, stream, parts.signal);
  if (layout === undefined || comparePositions(to, layout.barrier) <= 0) {
    return { to, isEnd: false };
  }
  if (comparePositions(last.to, layout.barrier) < 0) return { to: layout.barrier, isEnd: true };
  const next = layout.of === 0
    ? "finish that with `tributary layout retire`"
    : "move the streams that follow it, when an instance has begun them (`tributary layout show`)";
  throw new PermanentError(
    `Cannot move ${name} to ${describePosition(to)}: it has come to its end at ` +
      `${describePosition(layout.barrier)}, where it is ${
        layout.of === 0 ? "retired" : "divided anew"
      }; ${next}`,
  );
}

function askForForce({ stream, last }: JournalEnds, to: Position): string {
  return `Stopped before moving ${streamName(stream)} from ${describePosition(last.to)} to ` +
    `${describePosition(to)}: the events in between will not be in the lake, and \`tributary ` +
    "verify\` will name the gap; say --force if you want that";
}

function lostSentence(word: string, lost: readonly string[]): string {
  return `Cannot move ${word}: the first record of the journal ${
    lost[0]
  } is gone; restore it, or ` +
    `accept the loss with \`tributary position adopt ${word}\``;
}

/** Appends at the journal's end, also while a writer moves that end. */
async function appendGap(parts: OperatorParts, found: JournalEnds, named: Position): Promise<Move> {
  const { stream, key } = found;
  const context = contextOf(parts, stream);
  let ends = found;
  for (let attempt = 1;; attempt++) {
    const { last } = ends;
    const { to, isEnd } = await placeFor(parts, ends, named);
    const move = { stream, from: last.to, to, ...(isEnd ? { isEnd } as const : {}) };
    if (samePosition(last.to, to)) return move;
    const lease = operatorLease(parts, last);
    if (last.kind === "genesis") await settleOverlap(context, lease, last as GenesisRecord);
    const record = gapAfter(last, to, context, lease);
    try {
      await appendRecord(context, lease, record);
      return { ...move, seq: record.seq };
    } catch (error) {
      if (!(error instanceof FencedError) || attempt >= MOVE_TRIES_MAX) throw error;
      ends = await readEnds(parts.journal, key) ?? ends;
      if (ends.last.kind === "closed") {
        throw new PermanentError(`Cannot move ${streamName(stream)}: its journal was just closed`);
      }
    }
  }
}

function gapAfter(
  last: JournalRecord,
  to: Position,
  context: StreamContext,
  lease: Lease,
): GapRecord {
  const place = {
    v: last.v,
    seq: last.seq + 1,
    from: last.to,
    to,
    settingsSeq: last.settingsSeq,
    // What is not durable yet is made by the next run, which looks behind the gap, too. Nor does a gap say that anybody
    // is at work.
    durableThrough: isFarewell(last) ? last.seq + 1 : last.durableThrough,
  };
  return { ...newRecordBase(context, lease, place), kind: "gap", reason: "moved by an operator" };
}
