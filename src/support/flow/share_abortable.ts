interface Run<T> {
  readonly outcome: Promise<T>;
  readonly stop: AbortController;
  callers: number;
}

/**
 * As `shareRuns`, for work that can be stopped: whoever calls is given the outcome of a run that begins after the call. A
 * caller whose signal is aborted is told at once, and a run that nobody waits for any longer is stopped.
 */
export function shareAbortable<T>(
  work: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Run<T> | undefined;
  const plan = (): Run<T> => {
    const stop = new AbortController();
    const outcome = underWay.then(() => {
      if (next === run) next = undefined;
      stop.signal.throwIfAborted();
      return work(stop.signal);
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
