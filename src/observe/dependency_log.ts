import type { Clock, Timer } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import { formatSeconds } from "../support/units.ts";
import type { DependencyFacts, DependencyName } from "./dependency_watch.ts";

/** What passes sooner is no line: a request that failed once, and went through the next time. */
export const AWAY_MS_MIN = 1000;

/** Who went away so often in so long flaps: that it is back is said when it has stayed. */
export const FLAPS_MIN = 3;
export const FLAPPING_MS = 300_000;
export const STAYED_MS = 30_000;

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

interface Shown {
  /** What the last line said; `back` also before the first. */
  line: Line;
  /** When it went away, on the monotonic clock. */
  sinceMs: number;
  /** When lines said that it is away. */
  awayMs: number[];
  /** The line that comes unless something else is known before. */
  next: { readonly line: Line; readonly timer: Timer; reason: string | undefined } | undefined;
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
  take(name: DependencyName, { state, reason, refuses }: DependencyFacts): void {
    if (state === "unknown") return;
    const shown = this.#shownOf(name);
    const line = state === "healthy" ? "back" : refuses ? "refuses" : "away";
    if (shown.next?.line === line) {
      shown.next.reason = reason;
      return;
    }
    shown.next?.timer.cancel();
    shown.next = undefined;
    if (line === shown.line) return;
    const nowMs = this.#clock.monotonicMs();
    if (shown.line === "back") shown.sinceMs = nowMs;
    const delayMs = delayBefore(line, shown, nowMs);
    if (delayMs === 0) return this.#say(name, shown, line, reason);
    const timer = this.#clock.after(delayMs, () => {
      const said = shown.next?.reason;
      shown.next = undefined;
      this.#say(name, shown, line, said);
    });
    shown.next = { line, timer, reason };
  }

  [Symbol.dispose](): void {
    for (const { next } of this.#shown.values()) next?.timer.cancel();
  }

  #shownOf(name: DependencyName): Shown {
    const known = this.#shown.get(name);
    if (known !== undefined) return known;
    const shown: Shown = { line: "back", sinceMs: 0, awayMs: [], next: undefined };
    this.#shown.set(name, shown);
    return shown;
  }

  #say(name: DependencyName, shown: Shown, line: Line, reason: string | undefined): void {
    const nowMs = this.#clock.monotonicMs();
    shown.line = line;
    if (line === "back") {
      return this.#log.info(LINES[name].back, { away: formatSeconds(nowMs - shown.sinceMs) });
    }
    shown.awayMs = [...shown.awayMs, nowMs].slice(-FLAPS_MIN);
    this.#log.error(LINES[name][line], { reason });
  }
}

function delayBefore(line: Line, shown: Shown, nowMs: number): number {
  const recent = shown.awayMs.filter((atMs) => nowMs - atMs < FLAPPING_MS).length;
  // That it went away is said at once, always.
  if (shown.line === "back") return line === "away" ? AWAY_MS_MIN : 0;
  return recent >= FLAPS_MIN ? STAYED_MS : 0;
}
