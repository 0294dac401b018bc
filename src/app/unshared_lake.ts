import type { PipelineEvent } from "../pipeline/events.ts";
import type { LockOptions } from "../config/config.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import { formatSeconds } from "../support/units.ts";

const SHARE =
  "stop one of the two, or give both LEASES=destination or one REDIS_URL; until then pause " +
  "and resume reach one of them only";

/** A writer at work writes at least each ten minutes; what was silent for longer has ended. */
const SILENCE_MS_MAX = 15 * 60_000;

/**
 * Says that another instance writes the same lake while this one shares nothing with others. It does no harm, but everything
 * is read twice, and an order such as `pause` reaches the instance alone that is asked.
 *
 * Once that it does, which an idle lake shows after ten minutes at most, when the other writes its next heartbeat; and once,
 * at the start, that it may: a journal tells whether its last writer has stopped, and not whether it was killed.
 */
export function unsharedLakeWarning(
  log: Log,
  lock: LockOptions["kind"],
  clock: Pick<Clock, "wallMs">,
): (stream: string, event: PipelineEvent) => void {
  let isSaid = lock !== "memory";
  let mayBeSaid = isSaid;
  return (stream, event) => {
    if (isSaid) return;
    if (event.type === "fenced") {
      isSaid = true;
      log.warn("Another instance writes the same lake, and the two share no leases", {
        stream,
        reason: event.reason,
        change: SHARE,
      });
    }
    if (mayBeSaid || event.type !== "journal-opened" || event.unfinished === undefined) return;
    const { owner, writtenAt } = event.unfinished;
    const silentMs = Math.max(0, clock.wallMs() - Date.parse(writtenAt));
    if (silentMs > SILENCE_MS_MAX) return;
    mayBeSaid = true;
    log.info("Another instance may still write the same lake: it has not said that it stopped", {
      stream,
      owner,
      lastWrote: formatSeconds(silentMs),
      change: `nothing if it was killed; if it still runs, ${SHARE}`,
    });
  };
}
