import { PermanentError } from "../model/errors.ts";
import { comparePositions, type Position } from "../model/position.ts";
import type { JournalRecord, RecordBase } from "../model/record.ts";
import { parseStreamKey, type Stream, streamKey, targetKey } from "../model/stream.ts";
import { mapLimited } from "../support/flow/limited.ts";
import { appendRecord } from "../pipeline/record/append_record.ts";
import { wantedSettings } from "../pipeline/record/wanted_settings.ts";
import { refuseOverlap } from "../pipeline/recover/genesis.ts";
import { newRecordBase } from "../pipeline/record/journal_tail.ts";
import { contextOf, operatorLease, type OperatorParts } from "./operator_context.ts";
import type { SeqRange } from "../pipeline/ports.ts";

const RECORDS_IN_FLIGHT_MAX = 16;

/** A journal that is whole again. */
export interface Filled {
  readonly stream: Stream;
  readonly at: Position;
  readonly records: number;
}

/**
 * Fills in records of a journal that somebody has deleted, so that it is one chain again: a `gap` that says so over the
 * range that they covered, then records that say nothing. A first record is made anew from what the others tell, with
 * settings as they are now. Undefined where nothing is missing, or nothing is left. Called again after a failure, it
 * completes what it has begun.
 *
 * @throws {PermanentError} where it cannot be told which stream it was, or another one brings its events now.
 */
export async function fillJournal(
  parts: OperatorParts,
  key: string,
  named: Stream | undefined,
): Promise<Filled | undefined> {
  const { journal } = parts;
  const { lastSeq, missing } = await journal.survey(key, -1);
  if (lastSeq === undefined || missing.length === 0) return undefined;
  const genesis = await journal.read(key, 0);
  const stream = genesis?.kind === "genesis" ? genesis.stream : streamOf(key, named);
  if (genesis === undefined) await refuseOverlap(journal, stream);
  for (const range of missing) await fill(parts, stream, range);
  const last = await readThere(parts, key, lastSeq);
  const records = missing.reduce((sum, range) => sum + range.last - range.first + 1, 0);
  return { stream, at: last.to, records };
}

function streamOf(key: string, named: Stream | undefined): Stream {
  const stream = parseStreamKey(key) ??
    (named !== undefined && streamKey(named) === key ? named : undefined);
  if (stream !== undefined) return stream;
  throw new PermanentError(
    `Cannot adopt ${key}: its name is shortened and the record that has it in full is gone; name it ` +
      "as collection:shop.orders, or restore the record",
  );
}

async function readThere(
  { journal }: OperatorParts,
  key: string,
  seq: number,
): Promise<JournalRecord> {
  const record = await journal.read(key, seq);
  if (record !== undefined) return record;
  throw new PermanentError(`Cannot read record ${seq} of ${key}: it is listed and not there`);
}

async function fill(
  parts: OperatorParts,
  stream: Stream,
  range: SeqRange,
): Promise<void> {
  const context = contextOf(parts, stream);
  const after = await readThere(parts, context.key, range.last + 1);
  const before = range.first === 0
    ? undefined
    : await readThere(parts, context.key, range.first - 1);
  const from = before?.to ?? await startOf(parts, stream, range, after);
  const lease = operatorLease(parts);
  const { generation } = before ?? after;
  const settingsSeq = before?.settingsSeq ?? 0;
  // The settings in force behind the range stand in it, or before.
  const isThere = (seq: number) => seq >= range.first && seq <= range.last && seq > 0;
  const settingsIn = isThere(after.settingsSeq) ? after.settingsSeq : undefined;
  const baseOf = (seq: number, isFirst: boolean): RecordBase =>
    newRecordBase(context, { owner: lease.owner, generation }, {
      v: after.v,
      seq,
      from: isFirst ? from : after.from,
      to: seq === 0 ? from : after.from,
      settingsSeq: settingsIn !== undefined && seq >= settingsIn ? settingsIn : settingsSeq,
      durableThrough: Math.min(seq, after.durableThrough),
    });
  const { identity } = await parts.source.describe(parts.signal);
  const settings = wantedSettings(parts.settings, stream, after.v);
  const put = (record: JournalRecord) => appendRecord(context, lease, record);
  let seq = range.first;
  if (seq === 0) {
    const lake = parts.random.hex(8);
    await put({ ...baseOf(0, true), kind: "genesis", stream, lake, source: identity, settings });
    seq++;
  }
  const asSettings = (at: number, isFirst: boolean) =>
    put({ ...baseOf(at, isFirst), kind: "settings", source: identity, settings, changed: [] });
  if (seq <= range.last) {
    const reason =
      `the records ${range.first} to ${range.last} of this journal were deleted, and an ` +
      "operator has accepted it";
    if (seq === settingsIn) await asSettings(seq, true);
    else await put({ ...baseOf(seq, true), kind: "gap", reason });
    seq++;
  }
  const rest = Array.from({ length: Math.max(0, range.last - seq + 1) }, (_, i) => seq + i);
  await mapLimited(rest, RECORDS_IN_FLIGHT_MAX, async (each) => {
    if (each === settingsIn) await asSettings(each, false);
    else await put({ ...baseOf(each, false), kind: "heartbeat" });
  });
}

/** Where a journal began whose first record is gone: where its target did, if that fits to what is left. */
async function startOf(
  { journal }: OperatorParts,
  stream: Stream,
  range: SeqRange,
  after: JournalRecord,
): Promise<Position> {
  const start = await journal.readStart(targetKey(stream));
  const isBefore = start !== undefined && comparePositions(start, after.from) <= 0;
  // Where only the first record is missing, the second one begins where that ended.
  return isBefore && range.last > 0 ? start : after.from;
}
