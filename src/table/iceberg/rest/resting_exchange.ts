import { TransientError } from "../../../model/errors.ts";
import type { Clock } from "../../../support/clock.ts";
import { formatDuration } from "../../../support/units.ts";
import { type Exchange, hostOf } from "./http_exchange.ts";

/** From so many requests in a row without an answer on, each would only be waited for in vain. */
const UNANSWERED_MAX = 3;

/** So long a server is left alone then. */
const REST_MS = 30_000;

/** Sends no requests to a server that has not answered the last ones: else each table would wait for all of its time. */
export function restingExchange(exchange: Exchange, clock: Clock): Exchange {
  let unanswered = 0;
  let untilMs = -Infinity;
  return async (request) => {
    const leftMs = untilMs - clock.monotonicMs();
    if (unanswered >= UNANSWERED_MAX && leftMs > 0) {
      throw new TransientError(
        `${hostOf(request.url)} has not answered ${unanswered} requests in a row; ` +
          `it is asked again in ${formatDuration(Math.ceil(leftMs / 1000) * 1000)}`,
      );
    }
    try {
      const answer = await exchange(request);
      unanswered = 0;
      return answer;
    } catch (error) {
      if (error instanceof TransientError) {
        unanswered++;
        untilMs = clock.monotonicMs() + REST_MS;
      }
      throw error;
    }
  };
}
