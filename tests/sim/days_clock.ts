import type { Clock } from "../../src/support/clock.ts";

/** So many milliseconds pass in one of the world's. A week is twenty seconds, and what is late is not late by a week. */
const RATE = 30_000;

/** A clock for what takes days, in a world that lasts for minutes. */
export function daysClock(world: Clock, wallAheadMs: number): Clock {
  const passedMs = () => world.monotonicMs() * (RATE - 1);
  return {
    monotonicMs: () => world.monotonicMs() * RATE,
    wallMs: () => Math.floor(world.wallMs() + passedMs() + wallAheadMs),
    after: (delayMs, action) => world.after(Math.ceil(Math.max(0, delayMs) / RATE), action),
  };
}

/** How long so many days are to the world. */
export function worldMsOfDays(days: number): number {
  return Math.ceil(days * 24 * 3_600_000 / RATE);
}
