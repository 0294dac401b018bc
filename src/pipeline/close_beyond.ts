import { describeClusterTime } from "../model/cluster_time.ts";
import { PermanentError } from "../model/errors.ts";
import type { Layout } from "../model/layout.ts";
import { asEnd, comparePositions, type Position } from "../model/position.ts";
import { type JournalRecord, namesObjects } from "../model/record.ts";
import { streamName } from "../model/stream.ts";
import { appendRecord } from "./append_record.ts";
import type { JournalTail } from "./journal_tail.ts";
import type { Lease } from "./stages.ts";
import type { StreamContext } from "./stream_context.ts";

/**
 * Ends a stream whose journal goes on beyond the barrier at which the next layout begins; answers false where it does
 * not. A position may have been moved there, or a server whose clock lags has given the barrier.
 *
 * Where nothing follows, or nothing was stored beyond the barrier, the journal is closed where it stands: the streams that
 * follow bring what comes after the barrier, and nothing is twice.
 *
 * @throws {PermanentError} where the streams that follow would bring again what is stored.
 */
export async function closeBeyond(
  context: StreamContext,
  lease: Lease,
  tail: JournalTail,
  layout: Layout | undefined,
): Promise<boolean> {
  if (layout === undefined || comparePositions(tail.position, layout.barrier) <= 0) return false;
  if (layout.of > 0 && await isStoredBeyond(context, tail.last, layout.barrier)) {
    const name = streamName(context.stream);
    throw new PermanentError(
      `Cannot end ${name} at the barrier of layout ${layout.epoch}: its journal goes on to ` +
        `${describeClusterTime(tail.position.operationTime)} with events, the barrier is ` +
        `${describeClusterTime(layout.barrier.operationTime)}, and the streams that follow would ` +
        "bring these again; stream it into another prefix",
    );
  }
  const reason = "it had gone beyond the place where it was divided anew or retired";
  const record = tail.next({ kind: "closed", to: asEnd(tail.position), reason });
  await appendRecord(context, lease, record);
  tail.appended(record, true);
  context.observe({ type: "stream-closed", position: tail.position });
  return true;
}

/** Whether records beyond the barrier name objects; without a record it cannot be told. */
async function isStoredBeyond(
  { journal, key }: StreamContext,
  last: JournalRecord,
  barrier: Position,
): Promise<boolean> {
  let record: JournalRecord | undefined = last;
  while (record !== undefined && comparePositions(record.to, barrier) > 0) {
    if (namesObjects(record)) return true;
    if (record.seq === 0) return false;
    record = await journal.read(key, record.seq - 1);
  }
  return record === undefined;
}
