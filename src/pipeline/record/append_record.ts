import { FencedError, TransientError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import { backoffMs } from "../../support/flow/backoff.ts";
import { sleep } from "../../support/clock.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/** How often an append whose outcome is unknown is sent again before the stream starts over from its journal. */
const APPEND_TRIES_MAX = 3;

/**
 * Appends a record under the lease.
 *
 * An answer that got lost is asked for again with the identical bytes. Where another content has the seq,
 * `FencedError`: another writer is alive, and whatever is not appended must be dropped.
 */
export async function appendRecord(
  context: StreamContext,
  lease: Lease,
  record: JournalRecord,
): Promise<void> {
  const { journal, losses, key, clock, observe } = context;
  const startMs = clock.monotonicMs();
  for (let attempt = 1;; attempt++) {
    if (!lease.isValid()) {
      throw new FencedError(`Stopped before record ${record.seq}: the lease has ended`);
    }
    try {
      const outcome = await journal.append(key, record);
      if (outcome === "exists") await assertOurs(context, record);
      break;
    } catch (error) {
      if (!(error instanceof TransientError) || attempt >= APPEND_TRIES_MAX) throw error;
      await sleep(clock, backoffMs(attempt, context.options.retry, context.random), lease.signal);
    }
  }
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
