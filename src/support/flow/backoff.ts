import type { Random } from "../random.ts";

/** How long to wait between tries: doubling from `firstMs` to `maxMs`. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The wait before try number `attempt` (from 1) is repeated: exponential, capped, with "equal jitter": half of it is
 * certain and half is random, so that many clients neither hammer nor march in step.
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: Random): number {
  const exponential = options.firstMs * 2 ** Math.min(attempt - 1, 30);
  const capped = Math.min(exponential, options.maxMs);
  return capped / 2 + random.fraction() * capped / 2;
}
