import type { StartFrom } from "./config.ts";
import type { Resolution } from "./resolution.ts";

/** Cluster times hold seconds in 32 unsigned bits. */
const SECONDS_MAX = 0xffffffff;

/** Where a first start begins; undefined where the time is none. */
export function resolveStartFrom(resolution: Resolution): StartFrom | undefined {
  const text = resolution.values.START_FROM;
  if (text === "now" || text === "earliest") return { kind: text };
  if (/^82[0-9A-Fa-f]{16,}$/.test(text)) {
    if (text.length % 2 === 0) return { kind: "token", data: text.toUpperCase() };
    resolution.fault("START_FROM", "A resume token has an even number of hexadecimal digits.");
    return undefined;
  }
  const seconds = Math.floor(Date.parse(text) / 1000);
  if (isRealDay(text) && seconds >= 0 && seconds <= SECONDS_MAX) return { kind: "time", seconds };
  resolution.fault("START_FROM", "There is no such time, or no cluster time can hold it.");
  return undefined;
}

/** Whether the month has that day: the platform takes 30 February as 2 March. */
function isRealDay(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  const leap = year! % 4 === 0 && (year! % 100 !== 0 || year! % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day! >= 1 && day! <= (days[month! - 1] ?? 0);
}
