import type { Clock, Timer } from "../../src/support/clock.ts";

/** What a clock of one machine does that the world's does not. */
export interface ClockHabits {
  /** Its milliseconds in one of the world's; 1 is a perfect clock. */
  readonly rate: number;
  /** How far its wall clock is ahead. */
  readonly wallAheadMs: number;
}

/** `stopped`: SIGSTOP, all clocks go on. `suspended`: the machine sleeps, and its monotonic clock with it. */
export type PauseKind = "stopped" | "suspended";

/**
 * The clock of one machine in a world that has its own time: it drifts, its wall clock jumps, and it can be paused for
 * any length; timers that come due meanwhile run afterwards.
 */
export class SimClock implements Clock {
  readonly #world: Clock;
  readonly #rate: number;
  readonly #pending = new Set<Timer>();
  #wallAheadMs: number;
  #suspendedMs = 0;
  #pause: { readonly kind: PauseKind; readonly sinceMs: number } | undefined;
  #resumed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #isDead = false;
  /** When it was last woken from sleep, by the world's clock. */
  sleptMs = -Infinity;

  constructor(world: Clock, habits: ClockHabits) {
    this.#world = world;
    this.#rate = habits.rate;
    this.#wallAheadMs = habits.wallAheadMs;
  }

  monotonicMs(): number {
    const nowMs = this.#world.monotonicMs();
    const paused = this.#pause?.kind === "suspended" ? nowMs - this.#pause.sinceMs : 0;
    return (nowMs - this.#suspendedMs - paused) * this.#rate;
  }

  wallMs(): number {
    return this.#world.wallMs() + this.#wallAheadMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const dueMs = this.monotonicMs() + Math.max(0, delayMs);
    let inner: Timer | undefined;
    const fire = (): void => {
      if (this.#isDead) return;
      if (this.#resumed !== undefined) {
        void this.#resumed.promise.then(fireUnlessCancelled);
        return;
      }
      const leftMs = dueMs - this.monotonicMs();
      if (leftMs > 0) return arm(leftMs);
      this.#pending.delete(timer);
      action();
    };
    let isCancelled = false;
    const fireUnlessCancelled = (): void => {
      if (!isCancelled) fire();
    };
    const arm = (leftMs: number): void => {
      // Platforms count whole milliseconds, too; less might be too little to move the clock at all.
      inner = this.#world.after(Math.ceil(leftMs / this.#rate), fire);
    };
    const timer: Timer = {
      cancel: () => {
        isCancelled = true;
        inner?.cancel();
        this.#pending.delete(timer);
      },
    };
    this.#pending.add(timer);
    arm(Math.max(0, delayMs));
    return timer;
  }

  /** Sets the wall clock forward, or back where negative. */
  stepWall(ms: number): void {
    this.#wallAheadMs += ms;
  }

  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  pause(kind: PauseKind): void {
    if (this.#pause !== undefined) return;
    this.#pause = { kind, sinceMs: this.#world.monotonicMs() };
    this.#resumed = Promise.withResolvers<void>();
  }

  resume(): void {
    const pause = this.#pause;
    if (pause === undefined) return;
    if (pause.kind === "suspended") {
      this.sleptMs = this.#world.monotonicMs();
      this.#suspendedMs += this.sleptMs - pause.sinceMs;
    }
    this.#pause = undefined;
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Resolves when the machine runs; never for a dead one. */
  async running(): Promise<void> {
    while (this.#resumed !== undefined) await this.#resumed.promise;
    if (this.#isDead) await new Promise(() => {});
  }

  /** No timer runs any more. */
  kill(): void {
    this.#isDead = true;
    for (const timer of [...this.#pending]) timer.cancel();
  }

  /** Timers that are set and have not run. */
  get timerCount(): number {
    return this.#pending.size;
  }
}

/** The same time for whoever need not wait: each timer is due at once. */
export function withoutWaiting(world: Clock): Clock {
  return {
    monotonicMs: () => world.monotonicMs(),
    wallMs: () => world.wallMs(),
    after(_, action) {
      queueMicrotask(action);
      return { cancel: () => {} };
    },
  };
}

/** So many milliseconds pass in one of the world's. A week is twenty seconds, and what is late is not late by a week. */
const DAYS_RATE = 30_000;

/** A clock for what takes days, in a world that lasts for minutes. */
export function daysClock(world: Clock, wallAheadMs: number): Clock {
  const passedMs = () => world.monotonicMs() * (DAYS_RATE - 1);
  return {
    monotonicMs: () => world.monotonicMs() * DAYS_RATE,
    wallMs: () => Math.floor(world.wallMs() + passedMs() + wallAheadMs),
    after: (delayMs, action) => world.after(Math.ceil(Math.max(0, delayMs) / DAYS_RATE), action),
  };
}

/** How long so many days are to the world. */
export function worldMsOfDays(days: number): number {
  return Math.ceil(days * 24 * 3_600_000 / DAYS_RATE);
}
