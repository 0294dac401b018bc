/**
 * Lets callers share runs of `work`. Whoever calls is given the outcome of a run that begins after the call, so what it
 * learns is as fresh as if it had asked alone: a run under way is not joined, but those who come meanwhile share the next.
 * One run at a time; `work` must end by itself, for the others wait for it.
 */
export function shareRuns<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const run = work();
    const ended = () => {};
    underWay = run.then(ended, ended); // Its callers hear how.
    return run;
  };
  return () => next ??= underWay.then(begin);
}
