import { errorMessage, PermanentError, TransientError } from "../model/errors.ts";
import { backoffMs } from "../support/flow/backoff.ts";
import { sleep } from "../support/clock.ts";
import type { DestinationTools, RetryOptions } from "./open_destination.ts";

/**
 * Repeats a try that failed with `TransientError`, with growing and jittered waits between, until it succeeds, fails
 * otherwise, or `retriesMax` repetitions have failed: then the last error is thrown, with the number of tries.
 *
 * `attempt` counts from 1; `key` is what the tools are told that it is about. Stops waiting, with `TransientError`, when the tools' signal is aborted.
 */
export async function withRetries<T>(
  options: RetryOptions,
  tools: DestinationTools,
  attemptOnce: (attempt: number) => Promise<T>,
  key?: string,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await attemptOnce(attempt);
    } catch (error) {
      if (error instanceof PermanentError) tools.onFailure?.(error, false, key);
      if (!(error instanceof TransientError)) throw error;
      if (tools.signal?.aborted) throw error;
      const again = attempt <= options.retriesMax;
      tools.onFailure?.(error, again, key);
      if (!again) throw afterTries(attempt, error);
      await waitBefore(attempt, options, tools, error);
    }
  }
}

function afterTries(tries: number, error: TransientError): TransientError {
  if (tries === 1) return error;
  return new TransientError(`${errorMessage(error)} (${tries} tries)`, { cause: error });
}

async function waitBefore(
  attempt: number,
  options: RetryOptions,
  tools: DestinationTools,
  error: TransientError,
): Promise<void> {
  try {
    await sleep(tools.clock, backoffMs(attempt, options, tools.random), tools.signal);
  } catch {
    // Only the signal ends a wait early; what failed says more than that we stopped trying.
    throw error;
  }
}
