import type { JournalTail } from "../record/journal_tail.ts";
import type { StreamContext } from "../stream_context.ts";

/**
 * Before a record that says that something is lost: where the user wishes it, all documents are read again. What is announced
 * counts once the next record says so.
 */
export async function announceLoss(
  { options, snapshots, source, stream }: StreamContext,
  { seqNext }: JournalTail,
  signal: AbortSignal,
): Promise<void> {
  if (options.onHistoryLost !== "snapshot") return;
  await snapshots?.lost(stream, seqNext, () => source.describe(signal));
}
