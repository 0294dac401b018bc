import type { Clock } from "../clock.ts";
import { callWithin } from "./call_within.ts";

interface Run<T> {
  readonly outcome: Promise<T>;
  readonly stop: AbortController;
  callers: number;
}

/**
 * As `shareRuns`, for work that can be stopped: whoever calls is given the outcome of a run that begins after the call. A
 * caller whose signal is aborted is told at once, and a run that nobody waits for any longer is stopped. So is one that takes
 * longer than `runMsMax`, with `NoAnswerError`: all who come later wait for it.
 */
export function shareAbortable<T>(
  clock: Clock,
  runMsMax: number,
  work: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Run<T> | undefined;
  const plan = (): Run<T> => {
    const stop = new AbortController();
    const outcome = underWay.then(() => {
      if (next === run) next = undefined;
      return callWithin(clock, runMsMax, stop.signal, work);
    });
    const run = { outcome, stop, callers: 0 };
    underWay = outcome.catch(() => {}); // Its callers hear how.
    return run;
  };
  return (signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const run = next ??= plan();
      run.callers++;
      const onAbort = () => {
        reject(signal.reason);
        if (--run.callers > 0) return;
        // Who comes now is not to be told why the others left.
        if (next === run) next = undefined;
        run.stop.abort(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const over = () => signal.removeEventListener("abort", onAbort);
      run.outcome.then(resolve, reject).then(over);
    });
}
