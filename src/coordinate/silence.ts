/**
 * Whether an instance that is listed still talks. Its leases and its place among the members last for a while after a
 * process hangs or a machine is cut off; what it told last is no news by then, and must not be shown as if it were.
 */
import type { ToldNews } from "./news.ts";

/** So many reports may fail to come before an instance counts as silent. */
const REPORTS_MISSED_MAX = 2;

/** An instance that has said nothing for longer than it should. */
export interface Silence {
  /** For how long. */
  readonly forMs: number;
  /** After so long all of its leases are over, unless it talks again. */
  readonly leaseMsLeft: number;
}

/** For how long who told this last has been silent; undefined while it talks, and of older versions, which do not say. */
export function silentMsOf(news: ToldNews | undefined): number | undefined {
  const { ageMs, everyMs } = news ?? {};
  if (ageMs === undefined || everyMs === undefined) return undefined;
  return ageMs > REPORTS_MISSED_MAX * everyMs ? ageMs : undefined;
}
