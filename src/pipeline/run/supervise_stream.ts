import {
  errorMessage,
  FencedError,
  HistoryLostError,
  LayoutChangedError,
  PermanentError,
  WaitingError,
} from "../../model/errors.ts";
import type { StreamCondition } from "../../model/stream_condition.ts";
import { backoffMs, type BackoffOptions } from "../../support/flow/backoff.ts";
import { sleep } from "../../support/clock.ts";
import { RangeSuspicion } from "../snapshot/range_suspicion.ts";
import { runRange } from "../snapshot/range_run.ts";
import { runStream } from "./run_stream.ts";
import { SelectionGuard } from "../recover/selection_guard.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";
import { Suspicion } from "../batch/poison_search.ts";

/** A run that lasted this long was a success; the next failure waits as if it were the first. */
const HEALTHY_RUN_MS = 60_000;

/** How long the loser of a race for the journal stays away at first: long enough for the winner's next batch. */
const FENCED_PAUSE: BackoffOptions = { firstMs: 1000, maxMs: 30_000 };

/** A reading of a stream, or of a range of a snapshot. */
export interface Run {
  /** When its loop last turned (monotonic). */
  readonly lastTurnMs: number;
  /** Stores now what was read. */
  flush(): void;
}

/** What the outside may know of and do with a supervised stream. */
export interface SupervisedStream {
  readonly condition: StreamCondition;
  /** Why it is waiting or failed. */
  readonly error: unknown;
  /** The run that reads now. */
  readonly run: Run | undefined;
  /** Resolves after the stop, when all that was read is stored or given up. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Keeps a stream running until `stop`: after each failure it starts again from the journal, with backoff. A failure
 * that trying cannot mend is tried again all the same (rights are granted, buckets are made), only shown as one.
 *
 * When something that was away answers again (`recovery`), the next try is at once, and failures are counted anew.
 *
 * `contextNow` is asked before each run. Where its context is `renewed`, the run stores what it has read, as at a stop,
 * and the next one begins.
 */
export function superviseStream(
  contextNow: () => StreamContext,
  lease: Lease,
  stop: AbortSignal,
  changed: (condition: StreamCondition) => void = () => {},
): SupervisedStream {
  const state = {
    condition: "opening" as StreamCondition,
    error: undefined as unknown,
    run: undefined as Run | undefined,
    ended: Promise.resolve(),
  };
  const set = (condition: StreamCondition, error?: unknown): void => {
    state.condition = condition;
    state.error = error;
    if (condition !== "running") state.run = undefined;
    changed(condition);
  };
  const opened = (run: Run): void => {
    state.run = run;
    set("running");
  };
  state.ended = keepRunning(contextNow, lease, stop, { set, opened });
  return state;
}

interface Reporter {
  set(condition: StreamCondition, error?: unknown): void;
  opened(run: Run): void;
}

async function keepRunning(
  contextNow: () => StreamContext,
  lease: Lease,
  stop: AbortSignal,
  reporter: Reporter,
): Promise<void> {
  const { clock, random, observe, options, recovery } = contextNow();
  const suspicion = new Suspicion();
  const rangeSuspicion = new RangeSuspicion();
  const guard = new SelectionGuard();
  let failures = 0;
  while (!stop.aborted && !lease.signal.aborted) {
    const begunMs = clock.monotonicMs();
    const recovered = recovery?.signal;
    const context = contextNow();
    const end = context.renewed === undefined ? stop : AbortSignal.any([stop, context.renewed]);
    try {
      const outcome = context.range === undefined
        ? await runStream(context, lease, end, suspicion, reporter.opened, guard)
        : await runRange(context, lease, end, rangeSuspicion, reporter.opened);
      if (outcome === "closed") return reporter.set("closed");
      if (!stop.aborted) reporter.set("opening");
    } catch (error) {
      // The next run stops at the barrier that this one has found.
      if (error instanceof LayoutChangedError) continue;
      // A run that began before something answered again has failed at what was then.
      const isOld = recovered?.aborted === true;
      if (isOld || clock.monotonicMs() - begunMs >= HEALTHY_RUN_MS) failures = 0;
      failures++;
      const fenced = error instanceof FencedError;
      const permanent = error instanceof PermanentError || error instanceof HistoryLostError;
      const retryMs = backoffMs(failures, fenced ? FENCED_PAUSE : options.retry, random);
      // Where the lease has ended, nobody else need be there: whoever kept it has said so.
      if (fenced && lease.isValid()) observe({ type: "fenced", reason: errorMessage(error) });
      if (!fenced) {
        const waits = error instanceof WaitingError ? { waits: true as const } : {};
        observe({
          type: "stream-failed",
          error: errorMessage(error),
          permanent,
          retryMs,
          ...waits,
        });
      }
      reporter.set(permanent ? "failed" : "waiting", error);
      const ring = recovery === undefined || fenced ? [] : [recovery.signal];
      const early = AbortSignal.any([end, lease.signal, ...ring]);
      await sleep(clock, retryMs, early).catch(() => {}); // The loop looks.
      if (ring.some(({ aborted }) => aborted)) failures = 0;
    }
  }
  observe({ type: "stream-stopped" });
  reporter.set("stopped");
}
