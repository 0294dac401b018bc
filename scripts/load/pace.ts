import type { Pace } from "./options.ts";

/** How many changes are due so long after the beginning: the rate over the time, bursts included. A burst comes first. */
export function changesDue(pace: Pace, elapsedMs: number): number {
  const { rate, burstRate, burstEveryMs, burstForMs } = pace;
  if (burstEveryMs === Infinity) return Math.floor(elapsedMs * rate / 1000);
  const lengthMs = Math.min(burstForMs, burstEveryMs);
  const whole = Math.floor(elapsedMs / burstEveryMs);
  const inBursts = whole * lengthMs + Math.min(elapsedMs - whole * burstEveryMs, lengthMs);
  return Math.floor((inBursts * burstRate + (elapsedMs - inBursts) * rate) / 1000);
}
