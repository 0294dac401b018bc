import { type ClusterTime, laterTime } from "../../model/cluster_time.ts";
import { PermanentError } from "../../model/errors.ts";
import { positionAfterTime } from "../../model/position.ts";
import {
  type BatchRecord,
  type Chunk,
  type GenesisRecord,
  type JournalRecord,
  RANGE_RECORD_VERSION,
  type RecordVersion,
  type SourceIdentity,
} from "../../model/record.ts";
import { rangeName, type RangeToRun } from "../../model/snapshot.ts";
import { appendRecord } from "../record/append_record.ts";
import { JournalTail, newRecordBase } from "../record/journal_tail.ts";
import { differentSource, noteSettings, readFacts, refuseHole } from "../recover/open_journal.ts";
import { redo } from "../recover/redo.ts";
import type { Journal, Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/** A part of a collection that is to be read. */
export interface Target {
  readonly piece: number;
  readonly from?: string;
  readonly to?: string;
  /** The emptied chunk for which it stands. */
  readonly repeats?: number;
}

/** Where the journal of a range has come to. */
export interface RangePlace {
  /** Emptied and not repeated: they come before all else. */
  readonly holes: readonly Target[];
  /** Where new documents begin; undefined where all pieces are done. */
  readonly next: Target | undefined;
  /** The number of the next document. */
  readonly row: number;
  /** No time before this one counts. */
  readonly atLeast: ClusterTime;
}

/** Takes over the journal of a range: begins it, finishes what its last records name, notes other settings. */
export async function openRange(context: StreamContext, lease: Lease): Promise<JournalTail> {
  const { journal, key, source } = context;
  const { identity } = await source.describe(lease.signal);
  // Nobody appends behind a first record of ours but us.
  const last = await journal.last(key) ?? await begin(context, lease, identity);
  await refuseHole(context, last);
  const facts = await readFacts(context, last);
  const field = differentSource(facts.source, identity);
  if (field !== undefined) {
    throw new PermanentError(
      `Cannot go on with ${rangeName(key)}: it was begun on ${field} ${
        facts.source[field]
      }, and this server is ` +
        `${identity[field]}`,
    );
  }
  const { bytes } = await storedSoFar(journal, key, last);
  const tail = new JournalTail(context, lease, last, facts, bytes);
  context.observe({ type: "journal-opened", seq: last.seq, position: last.to });
  await redo(context, lease, tail);
  // Whoever looked before it was closed may come after that.
  if (tail.last.kind !== "closed") await noteSettings(context, lease, tail);
  return tail;
}

async function begin(
  context: StreamContext,
  lease: Lease,
  source: SourceIdentity,
): Promise<JournalRecord> {
  const { range, stream, random } = context;
  const { plan: { floor, settings } } = range!;
  const start = positionAfterTime(floor);
  const v: RecordVersion = RANGE_RECORD_VERSION;
  const place = { v, seq: 0, from: start, to: start, settingsSeq: 0, durableThrough: 0 };
  const genesis: GenesisRecord = {
    ...newRecordBase(context, lease, place),
    ...{ kind: "genesis", stream, lake: random.hex(8), source, settings },
  };
  await appendRecord(context, lease, genesis);
  return genesis;
}

/** Looks back to the last chunk that is no repeat, and then at what came after it. */
export async function placeOf(
  journal: Pick<Journal, "read">,
  key: string,
  last: JournalRecord,
  { plan, index }: RangeToRun,
): Promise<RangePlace> {
  const after: JournalRecord[] = [];
  let record: JournalRecord | undefined = last;
  while (
    record !== undefined &&
    (chunkOf(record)?.repeats !== undefined || chunkOf(record) === undefined)
  ) {
    after.unshift(record);
    record = record.seq === 0 ? undefined : await journal.read(key, record.seq - 1);
  }
  const forward = record === undefined ? undefined : chunkOf(record);
  const { pieces } = plan.ranges[index - 1]!;
  let holes: Target[] = [];
  let row = forward === undefined ? 0 : rowAfter(record!);
  let atLeast = forward === undefined ? plan.floor : laterTime(plan.floor, forward.at);
  for (const each of after) {
    if (each.kind === "emptied") {
      for (const seq of each.chunks) {
        const { piece, from, to } = chunkOf((await journal.read(key, seq))!)!;
        holes.push({
          piece,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          repeats: seq,
        });
      }
    }
    const chunk = chunkOf(each);
    if (chunk === undefined) continue;
    row = rowAfter(each);
    atLeast = laterTime(atLeast, chunk.at);
    const [hole, ...rest] = holes;
    if (hole === undefined) continue;
    const isDone = chunk.superseded === true || chunk.to === hole.to;
    holes = isDone ? rest : [{ ...hole, from: chunk.to! }, ...rest];
  }
  const next = forward === undefined
    ? { piece: 0 }
    : forward.to !== undefined && forward.superseded === undefined
    ? { piece: forward.piece, from: forward.to }
    : { piece: forward.piece + 1 };
  return { holes, row, atLeast, next: next.piece < pieces.length ? next : undefined };
}

/** What the chunks of a range come to; what was read again counts again. */
export interface Stored {
  readonly documents: number;
  readonly bytes: number;
  /** The last record with a chunk. */
  readonly record?: BatchRecord;
}

/** As of a record of the range. */
export async function storedSoFar(
  journal: Pick<Journal, "read">,
  key: string,
  at: JournalRecord,
): Promise<Stored> {
  let record: JournalRecord | undefined = at;
  while (record !== undefined && chunkOf(record) === undefined && record.seq > 0) {
    record = await journal.read(key, record.seq - 1);
  }
  if (record?.kind !== "batch" || record.chunk === undefined) return { documents: 0, bytes: 0 };
  const bytes = record.objects.reduce((sum, { bytes }) => sum + bytes, record.chunk.bytes ?? 0);
  return { documents: rowAfter(record), bytes, record };
}

function chunkOf(record: JournalRecord): Chunk | undefined {
  return record.kind === "batch" ? record.chunk : undefined;
}

function rowAfter(record: JournalRecord): number {
  if (record.kind !== "batch" || record.chunk === undefined) return 0;
  const rows = record.objects.reduce((sum, { rows }) => sum + rows, 0);
  return record.chunk.row + rows + record.deadLetters.reduce((sum, l) => sum + l.events.length, 0);
}
