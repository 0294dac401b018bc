import type { Clock, Timer } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import { formatSeconds } from "../../support/units.ts";
import type { DependencyFacts, DependencyName } from "../status/dependency_watch.ts";

/** What passes sooner is no line: a request that failed once, and went through the next time. */
export const AWAY_MS_MIN = 1000;

/** Who went away so often in so long, each time for less than `FLAP_MS_MAX`, flaps: that it is back is said when it has stayed. */
export const FLAPS_MIN = 3;
export const FLAPPING_MS = 300_000;
export const FLAP_MS_MAX = 10_000;
export const STAYED_MS = 10_000;

const LINES = {
  mongodb: {
    away: "MongoDB does not answer",
    refuses: "MongoDB refuses what it is asked for",
    back: "MongoDB answers again",
  },
  redis: {
    away: "Redis does not answer",
    refuses: "Redis refuses what it is asked for",
    back: "Redis answers again",
  },
  destination: {
    away: "Destination cannot be written",
    refuses: "Destination refuses what it is asked for",
    back: "Destination can be written again",
  },
} as const;

type Line = "away" | "refuses" | "back";

/** A line, and when it became true. */
interface Saying {
  readonly line: Line;
  readonly atMs: number;
  reason?: string;
}

interface Shown {
  /** What the last line said; `back` also before the first. */
  line: Line;
  /** When it went away, on the monotonic clock. */
  sinceMs: number;
  /** The same, the last time: what flaps was back in between, and no line said so. */
  lastMs: number;
  /** When it was back after a short while. */
  flapsMs: number[];
  /** The line that comes unless something else is known before. */
  next: Saying & { readonly timer: Timer } | undefined;
}

/** Says when a service goes away or comes back: one line a change, at once, and few of one that flaps. */
export class DependencyLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #shown = new Map<DependencyName, Shown>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Is told whenever something is known. */
  take(name: DependencyName, { state, reason, refuses, silentMs = 0 }: DependencyFacts): void {
    if (state === "unknown") return;
    const shown = this.#shownOf(name);
    const line = state === "healthy" ? "back" : refuses ? "refuses" : "away";
    if (shown.next?.line === line) {
      if (reason !== undefined) shown.next.reason = reason;
      return;
    }
    const atMs = this.#clock.monotonicMs();
    const wasBack = shown.line === "back" || shown.next?.line === "back";
    if (line !== "back" && wasBack) shown.lastMs = atMs - silentMs;
    shown.next?.timer.cancel();
    shown.next = undefined;
    if (line === shown.line) return;
    if (shown.line === "back") shown.sinceMs = shown.lastMs;
    const delayMs = delayBefore(line, shown, atMs);
    const said: Saying = { line, atMs, ...(reason === undefined ? {} : { reason }) };
    if (delayMs <= 0) return this.#say(name, shown, said);
    const timer = this.#clock.after(delayMs, () => {
      const { next = said } = shown;
      shown.next = undefined;
      this.#say(name, shown, next);
    });
    shown.next = { ...said, timer };
  }

  [Symbol.dispose](): void {
    for (const { next } of this.#shown.values()) next?.timer.cancel();
  }

  #shownOf(name: DependencyName): Shown {
    const known = this.#shown.get(name);
    if (known !== undefined) return known;
    const shown: Shown = { line: "back", sinceMs: 0, lastMs: 0, flapsMs: [], next: undefined };
    this.#shown.set(name, shown);
    return shown;
  }

  #say(name: DependencyName, shown: Shown, { line, atMs, reason }: Saying): void {
    shown.line = line;
    if (line !== "back") return this.#log.error(LINES[name][line], { reason });
    const awayMs = atMs - shown.sinceMs;
    if (atMs - shown.lastMs < FLAP_MS_MAX) {
      shown.flapsMs = [...shown.flapsMs, atMs].slice(-FLAPS_MIN);
    }
    this.#log.info(LINES[name].back, { away: formatSeconds(awayMs) });
  }
}

function delayBefore(line: Line, shown: Shown, nowMs: number): number {
  // That it went away is said at once, always.
  if (shown.line === "back") return line === "away" ? AWAY_MS_MIN - (nowMs - shown.sinceMs) : 0;
  if (line !== "back" || nowMs - shown.lastMs >= FLAP_MS_MAX) return 0;
  const before = shown.flapsMs.filter((atMs) => nowMs - atMs < FLAPPING_MS).length;
  return before + 1 >= FLAPS_MIN ? STAYED_MS : 0;
}
