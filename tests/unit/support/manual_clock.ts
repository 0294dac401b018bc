import type { Clock } from "../../../src/support/clock.ts";

/** A clock that a test moves by hand. */
export interface ManualClock extends Clock {
  /** Lets time pass, running what falls due in its order. */
  advance(ms: number): void;
  /** Timers that are set and have neither run nor been cancelled. */
  pending(): number;
}

export function manualClock(): ManualClock {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly action: () => void }>();
  return {
    monotonicMs: () => now,
    wallMs: () => now,
    after(delayMs, action) {
      const timer = { at: now + delayMs, action };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.action();
      }
      now = end;
    },
    pending: () => timers.size,
  };
}
