/** How leases are taken; small, so that much happens in little time. */
export const TTL_MS = 10_000;
export const REFRESH_MS = 3000;
export const RETRY_MS = 2000;

/** How soon a new layout is noticed at the latest. */
export const LOOK_MS = 5000;
