import { errorMessage, PermanentError, TransientError } from "../model/errors.ts";
import { backoffMs } from "../support/backoff.ts";
import { sleep } from "../support/clock.ts";
import type { DestinationTools, RetryOptions } from "./open_destination.ts";

/**
 * Repeats a try that failed with `TransientError`, with growing and jittered waits between, until it succeeds, fails
 * otherwise, or `retriesMax` repetitions have failed: then the last error is thrown, with the number of tries.
 *
 * When the destination answers again (`recovery`), the next try is at once, and the waits after it begin anew.
 *
 * `attempt` counts from 1; `key` is what the tools are told that it is about. Stops waiting, with `TransientError`, when the tools' signal is aborted.
 */
export async function withRetries<T>(
  options: RetryOptions,
  tools: DestinationTools,
  attemptOnce: (attempt: number) => Promise<T>,
  key?: string,
): Promise<T> {
  let waits = 0;
  for (let attempt = 1;; attempt++) {
    const recovered = tools.recovery?.signal;
    try {
      return await attemptOnce(attempt);
    } catch (error) {
      if (error instanceof PermanentError) tools.onFailure?.(error, false, key);
      if (!(error instanceof TransientError)) throw error;
      if (tools.signal?.aborted) throw error;
      const again = attempt <= options.retriesMax;
      tools.onFailure?.(error, again, key);
      if (!again) throw afterTries(attempt, error);
      // It was tried before the destination answered again.
      if (recovered?.aborted === true) waits = 0;
      waits = await waitBefore(waits + 1, options, tools, error) ? 0 : waits + 1;
    }
  }
}

function afterTries(tries: number, error: TransientError): TransientError {
  if (tries === 1) return error;
  const { refuses } = error;
  return new TransientError(`${errorMessage(error)} (${tries} tries)`, { cause: error, refuses });
}

/** Whether the wait was cut short, because the destination answers again. */
async function waitBefore(
  wait: number,
  options: RetryOptions,
  { clock, random, signal, recovery }: DestinationTools,
  error: TransientError,
): Promise<boolean> {
  const ring = recovery?.signal;
  const ends = [signal, ring].filter((each) => each !== undefined);
  try {
    await sleep(clock, backoffMs(wait, options, random), AbortSignal.any(ends));
    return false;
  } catch {
    if (ring?.aborted === true && signal?.aborted !== true) return true;
    // What failed says more than that we stopped trying.
    throw error;
  }
}
