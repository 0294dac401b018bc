import type { Clock } from "./clock.ts";

/** Clocks that are set a little, or run unlike, are no sleep. */
const SLEEP_MS_MIN = 1000;

/**
 * The same clock, whose monotonic time also counts while the machine is suspended, as far as the wall clock tells: for the
 * age of what others see, for whom time went on. Where the wall clock is set forward things look older than they are.
 */
export function sleeplessClock(clock: Clock): Clock {
  let last = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  let sleptMs = 0;
  return {
    monotonicMs() {
      const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
      const aheadMs = (now.wallMs - last.wallMs) - (now.monotonicMs - last.monotonicMs);
      if (aheadMs >= SLEEP_MS_MIN) sleptMs += aheadMs;
      last = now;
      return now.monotonicMs + sleptMs;
    },
    wallMs: () => clock.wallMs(),
    after: (delayMs, action) => clock.after(delayMs, action),
  };
}
