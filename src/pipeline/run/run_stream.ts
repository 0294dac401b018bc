import { HistoryLostError, PermanentError } from "../../model/errors.ts";
import { streamKey } from "../../model/stream.ts";
import { Barrier } from "../layout/barrier.ts";
import { closeBeyond } from "../layout/close_beyond.ts";
import { streamsToRun } from "../layout/layout_streams.ts";
import { openJournal } from "../recover/open_journal.ts";
import { SelectionGuard } from "../recover/selection_guard.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";
import { StreamRun } from "./stream_run.ts";
import type { Suspicion } from "../batch/poison_search.ts";

/**
 * Runs a stream under a lease: finishes what its journal names, then reads, batches and stores until `stop`.
 *
 * Returns after a clean stop, with everything that was read stored, or when the stream has ended for good because its
 * collection is divided anew or it is retired. Throws `FencedError` when another writer is alive
 * or the lease ended, `TransientError` when trying again may help, other errors of `model/errors.ts` when not; after
 * each of them the next run goes on from the journal. `opened` is given the run each time the server has accepted its
 * position.
 */
export async function runStream(
  context: StreamContext,
  lease: Lease,
  stop: AbortSignal,
  suspicion: Suspicion,
  opened: (run: StreamRun) => void = () => {},
  guard = new SelectionGuard(),
): Promise<"stopped" | "closed"> {
  context.observe({ type: "stream-started", generation: lease.generation });
  // Until reading begins there is nothing to save, so a stop may end whatever is being waited for.
  const opening: Lease = {
    owner: lease.owner,
    generation: lease.generation,
    isValid: () => lease.isValid(),
    signal: AbortSignal.any([lease.signal, stop]),
  };
  const take = () => openJournal(context, opening, guard);
  const tail = await context.openings.run(take, opening.signal).catch(async (error: unknown) => {
    if (stop.aborted && !(error instanceof HistoryLostError)) return "stopped" as const;
    if (!(error instanceof PermanentError) || !await isSucceeded(context)) throw error;
    return "closed" as const;
  });
  if (typeof tail === "string") return tail;
  // Collections are divided anew; databases and deployments have a barrier where they are retired.
  const barrier = new Barrier(context);
  await barrier.find(lease.signal);
  if (await closeBeyond(context, lease, tail, barrier.layout)) return "closed";
  const run = new StreamRun(
    guard.contextFor(context),
    lease,
    tail,
    suspicion,
    barrier,
    () => opened(run),
  );
  try {
    return await run.run(stop);
  } catch (error) {
    if (run.crashed !== undefined) suspicion.crashed(run.crashed);
    throw error;
  }
}

/** Whether it has ended because its collection was divided anew: somebody who did not know that yet has begun it again. */
async function isSucceeded(context: StreamContext): Promise<boolean> {
  const { journal, layouts, stream, key, observe } = context;
  const last = await journal.last(key);
  if (stream.level !== "collection" || last?.kind !== "closed") return false;
  const toRun = await streamsToRun(journal, layouts, stream);
  if (toRun.some((each) => streamKey(each) === key)) return false;
  observe({ type: "stream-closed", position: last.to });
  return true;
}
