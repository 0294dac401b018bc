import type { StartFrom } from "../model/start_from.ts";
import type { Resolution } from "./resolution.ts";

/** Cluster times hold seconds in 32 unsigned bits. */
const SECONDS_MAX = 0xffffffff;

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Where a first start begins; undefined where the time is none. */
export function resolveStartFrom(resolution: Resolution): StartFrom | undefined {
  const start = parseStartFrom(resolution.values.START_FROM);
  if (typeof start !== "string") return start;
  resolution.fault("START_FROM", start);
  return undefined;
}

/** `now`, `earliest`, a time, or the `_data` of a resume token; else, as text, what is wrong with it. */
export function parseStartFrom(text: string): StartFrom | string {
  if (text === "now" || text === "earliest") return { kind: text };
  if (/^82[0-9A-Fa-f]{16,}$/.test(text)) {
    if (text.length % 2 === 0) return { kind: "token", data: text.toUpperCase() };
    return "A resume token has an even number of hexadecimal digits.";
  }
  const seconds = parseTime(text);
  return seconds === undefined
    ? "There is no such time, or no cluster time can hold it."
    : { kind: "time", seconds };
}

/** Seconds since 1970 of `2026-11-20` or `2026-11-20T17:00:00Z`; undefined where a cluster time cannot be that. */
export function parseTime(text: string): number | undefined {
  if (!TIME.test(text) || !isRealDay(text)) return undefined;
  const seconds = Math.floor(Date.parse(text) / 1000);
  return seconds >= 0 && seconds <= SECONDS_MAX ? seconds : undefined;
}

/** Whether the month has that day: the platform takes 30 February as 2 March. */
function isRealDay(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  const leap = year! % 4 === 0 && (year! % 100 !== 0 || year! % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day! >= 1 && day! <= (days[month! - 1] ?? 0);
}
