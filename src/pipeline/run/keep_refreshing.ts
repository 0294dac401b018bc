import { type Clock, sleep } from "../../support/clock.ts";

/**
 * Does something from time to time until the signal, and waits in between. `failed` is told of errors; it goes on.
 */
export async function keepRefreshing(
  refresh: () => Promise<void>,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await sleep(clock, everyMs, signal);
      await refresh();
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
  }
}
