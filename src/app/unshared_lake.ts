import type { PipelineEvent } from "../pipeline/events.ts";
import type { LockOptions } from "../config/config.ts";
import type { Log } from "../support/log.ts";

/**
 * Says, once, that another instance writes the same lake while this one shares nothing with others. It does no harm, but
 * everything is read twice, and an order such as `pause` reaches the instance alone that is asked.
 */
export function unsharedLakeWarning(
  log: Log,
  lock: LockOptions["kind"],
): (stream: string, event: PipelineEvent) => void {
  let isSaid = lock !== "memory";
  return (stream, event) => {
    if (isSaid || event.type !== "fenced") return;
    isSaid = true;
    log.warn("Another instance writes the same lake, and the two share no leases", {
      stream,
      reason: event.reason,
      change:
        "stop one of the two, or give both LEASES=destination or one REDIS_URL; until then pause " +
        "and resume reach one of them only",
    });
  };
}
