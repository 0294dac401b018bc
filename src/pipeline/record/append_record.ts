import { FencedError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/**
 * Appends a record under the lease.
 *
 * The destination repeats a request whose answer got lost, with the identical bytes, and nobody else does: where it gives
 * up, the stream starts over from its journal and sees there what became of the record. Where another content has the
 * seq, `FencedError`: another writer is alive, and whatever is not appended must be dropped.
 */
export async function appendRecord(
  context: StreamContext,
  lease: Lease,
  record: JournalRecord,
): Promise<void> {
  const { journal, losses, key, clock, observe } = context;
  const startMs = clock.monotonicMs();
  if (!lease.isValid()) {
    throw new FencedError(`Stopped before record ${record.seq}: the lease has ended`);
  }
  const outcome = await journal.append(key, record);
  if (outcome === "exists") await assertOurs(context, record);
  losses?.appended(key, record);
  const appendMs = clock.monotonicMs() - startMs;
  observe({ type: "record-appended", kind: record.kind, seq: record.seq, to: record.to, appendMs });
}

async function assertOurs(context: StreamContext, record: JournalRecord): Promise<void> {
  const existing = await context.journal.read(context.key, record.seq);
  if (existing?.id === record.id) return;
  throw new FencedError(
    existing === undefined
      ? `Record ${record.seq} exists and cannot be read yet`
      : `Record ${record.seq} was written by ${existing.owner} (generation ${existing.generation})`,
  );
}
