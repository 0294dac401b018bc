import { type Clock, withTimeout } from "./clock.ts";
import { formatDuration } from "./units.ts";

/** Nobody has answered; that is all that is known. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/**
 * The outcome of `call`, or a rejection when it takes longer than `delayMsMax` or `stop` is aborted. The signal it is
 * given is aborted then, and after its end; a call that does not listen goes on unheard.
 */
export async function callWithin<T>(
  clock: Clock,
  delayMsMax: number,
  stop: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  stop.throwIfAborted();
  const over = new AbortController();
  const onStop = () => over.abort(stop.reason);
  stop.addEventListener("abort", onStop);
  const aborted = new Promise<never>((_, reject) => {
    over.signal.addEventListener("abort", () => reject(over.signal.reason), { once: true });
  });
  const late = () => new NoAnswerError(`no answer within ${formatDuration(delayMsMax)}`);
  try {
    return await withTimeout(clock, delayMsMax, Promise.race([call(over.signal), aborted]), late);
  } finally {
    stop.removeEventListener("abort", onStop);
    over.abort(new Error("The call is over"));
  }
}
