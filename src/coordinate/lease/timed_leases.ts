import { errorMessage, FencedError, isRefused } from "../../model/errors.ts";
import { backoffMs, type BackoffOptions } from "../../support/flow/backoff.ts";
import { type Clock, isoTime, type Timer } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { formatDuration } from "../../support/units.ts";
import type { LeaseEvent } from "../events.ts";
import type { LeaseStore, RefreshAnswer } from "./lease_store.ts";
import type { HeldLease, Leases } from "./leases.ts";

export interface TimedLeasesOptions {
  readonly store: LeaseStore;
  /** The instance's owner id, `{hostname}-{uuid}`. */
  readonly owner: string;
  /** Its name for people. */
  readonly instance: string;
  /** How long a lease lives in the store without a refresh. `Infinity`: for ever, and it is never refreshed. */
  readonly ttlMs: number;
  /** Less than half of the TTL. */
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: (event: LeaseEvent) => void;
}

/** The part of the TTL that the holder does not use: clocks drift, and an effect that has begun takes time. */
const MARGIN = 0.1;

/** A refresh that failed is tried again soon: until the deadline each try counts. */
const RETRY: BackoffOptions = { firstMs: 250, maxMs: 1000 };

/**
 * Leases that end by themselves: the holder's deadline counts from before the last refresh was sent, on the monotonic
 * clock and on the wall clock (the monotonic one stands still while the machine is suspended), less a margin. So it stops
 * before the store gives the lease to somebody else, whatever the store says or does not say.
 */
export function createTimedLeases(options: TimedLeasesOptions): Leases {
  const { store, owner, instance, ttlMs, clock } = options;
  const held = new Set<string>();
  return {
    async acquire(stream, isAlive = () => true) {
      if (held.has(stream)) return undefined;
      held.add(stream);
      const giveUp = () => held.delete(stream);
      let sent = readClock(clock);
      const asking = () => void (sent = readClock(clock));
      try {
        const since = isoTime(sent.wallMs);
        const generation = await store.take(stream, { owner, instance, since }, ttlMs, asking);
        if (generation !== undefined) {
          const lease = new TimedLease(
            options,
            { stream, generation, since, isAlive },
            sent,
            giveUp,
          );
          if (lease.isValid()) return lease;
          // The answer was so long on its way that nothing is left of the lease.
          await lease.release();
        }
      } catch (error) {
        giveUp();
        throw error;
      }
      giveUp();
      return undefined;
    },
  };
}

interface Granted {
  readonly stream: string;
  readonly generation: number;
  readonly since: string;
  readonly isAlive: () => boolean;
}

interface Reading {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

function readClock(clock: Clock): Reading {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}

class TimedLease implements HeldLease {
  readonly #options: TimedLeasesOptions;
  readonly #granted: Granted;
  readonly #ended: () => void;
  readonly #controller = new AbortController();
  #refreshed: Reading;
  #deadlineTimer: Timer | undefined;
  /** When that goes off, on the monotonic clock. */
  #deadlineMs = Infinity;
  #refreshTimer: Timer | undefined;
  #failures = 0;
  #releasing: Promise<void> | undefined;
  #isOurs = true;

  constructor(options: TimedLeasesOptions, granted: Granted, sent: Reading, ended: () => void) {
    this.#options = options;
    this.#granted = granted;
    this.#ended = ended;
    this.#refreshed = sent;
    if (options.ttlMs === Infinity) return;
    this.#armDeadline();
    this.#armRefresh(options.refreshMs - (options.clock.monotonicMs() - sent.monotonicMs));
  }

  get owner(): string {
    return this.#options.owner;
  }

  get generation(): number {
    return this.#granted.generation;
  }

  get since(): string {
    return this.#granted.since;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  isValid(): boolean {
    return !this.signal.aborted && this.#leftMs() > 0;
  }

  recheck(): void {
    if (this.#refreshTimer === undefined || this.signal.aborted) return;
    this.#refreshTimer.cancel();
    void this.#refresh();
  }

  release(): Promise<void> {
    this.#end(`The lease of "${this.#granted.stream}" was released`);
    this.#releasing ??= this.#tellRelease();
    return this.#releasing;
  }

  async #tellRelease(): Promise<void> {
    if (this.#isOurs) await this.#options.store.release(this.#granted.stream, this);
  }

  #leftMs(): number {
    const { clock, ttlMs } = this.#options;
    const now = readClock(clock);
    const usedMs = Math.max(
      now.monotonicMs - this.#refreshed.monotonicMs,
      now.wallMs - this.#refreshed.wallMs,
    );
    return ttlMs * (1 - MARGIN) - usedMs;
  }

  /** A timer that goes off before the deadline looks again, so refreshes leave it alone: thousands of them cost. */
  #armDeadline(): void {
    const leftMs = this.#leftMs();
    const dueMs = this.#options.clock.monotonicMs() + leftMs;
    if (this.#deadlineTimer !== undefined && this.#deadlineMs <= dueMs) return;
    this.#deadlineTimer?.cancel();
    this.#deadlineMs = dueMs;
    this.#deadlineTimer = this.#options.clock.after(leftMs, () => {
      this.#deadlineTimer = undefined;
      if (!this.#endIfPast()) this.#armDeadline();
    });
  }

  #armRefresh(delayMs: number): void {
    this.#refreshTimer = this.#options.clock.after(delayMs, () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    this.#refreshTimer = undefined;
    const { clock, store, observe, ttlMs, refreshMs, random } = this.#options;
    const { stream, generation } = this.#granted;
    if (this.#endIfPast()) return;
    if (!this.#granted.isAlive()) {
      const reason = "the stream hangs";
      observe({ type: "lock-refresh-failed", stream, generation, reason, hangs: true });
      return this.#armRefresh(Math.min(refreshMs, RETRY.maxMs));
    }
    const sent = readClock(clock);
    let answer: RefreshAnswer;
    try {
      answer = await store.refresh(stream, this, ttlMs);
    } catch (error) {
      if (this.signal.aborted) return;
      const said = {
        reason: errorMessage(error),
        ...(isRefused(error) && { refuses: true as const }),
      };
      observe({ type: "lock-refresh-failed", stream, generation, ...said });
      return this.#armRefresh(Math.min(refreshMs, backoffMs(++this.#failures, RETRY, random)));
    }
    if (this.signal.aborted) return;
    if (answer === "gone" || answer === "taken") return this.#lose(answer);
    this.#failures = 0;
    const agoMs = answer === "refreshed" ? 0 : answer.agoMs;
    const fromMs = sent.monotonicMs - agoMs;
    this.#refreshed = { monotonicMs: fromMs, wallMs: sent.wallMs - agoMs };
    if (this.#endIfPast()) return;
    observe({ type: "lock-refreshed", stream, generation });
    this.#armDeadline();
    this.#armRefresh(refreshMs - (clock.monotonicMs() - fromMs));
  }

  #lose(answer: "gone" | "taken"): void {
    this.#isOurs = false;
    const how = answer === "taken" ? "somebody else has it" : "it was released, or forgotten";
    this.#end(`The lease of "${this.#granted.stream}" is lost: ${how}`);
  }

  #endIfPast(): boolean {
    if (this.#leftMs() <= 0) {
      const unrefreshedMs = this.#options.ttlMs * (1 - MARGIN);
      const age = formatDuration(Math.round(unrefreshedMs));
      this.#end(`The lease of "${this.#granted.stream}" is over: not refreshed for ${age}`);
    }
    return this.signal.aborted;
  }

  #end(reason: string): void {
    if (this.signal.aborted) return;
    this.#deadlineTimer?.cancel();
    this.#refreshTimer?.cancel();
    this.#ended();
    this.#controller.abort(new FencedError(reason));
  }
}
