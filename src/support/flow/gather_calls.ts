import { type Clock, sleep } from "../clock.ts";

/** A function that does `work` once, `ms` after the first of the calls that come until then; after `signal` nothing more. */
export function gatherCalls(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: () => void,
): () => void {
  let isComing = false;
  return () => {
    if (isComing) return;
    isComing = true;
    void sleep(clock, ms, signal).then(() => {
      isComing = false;
      work();
    }, () => {}); // It is the end.
  };
}
