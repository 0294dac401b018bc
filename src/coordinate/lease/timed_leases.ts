import { errorMessage, FencedError, isRefused } from "../../model/errors.ts";
import { backoffMs, type BackoffOptions } from "../../support/flow/backoff.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import { SharedTimer } from "../../support/flow/shared_timer.ts";
import type { Random } from "../../support/random.ts";
import { formatDuration } from "../../support/units.ts";
import type { LeaseEvent } from "../events.ts";
import type { LeaseStore, RefreshAnswer, StreamClaim } from "./lease_store.ts";
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

/** Where leases are refreshed together, those go along that are due within this part of the interval. */
const EARLY_SHARE = 1 / 4;

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
  const timers = timersOf(options);
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
            { ...options, timers },
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

/** What all leases of an owner share: there may be thousands. */
interface LeaseTimers {
  readonly deadline: SharedTimer<TimedLease>;
  readonly refresh: SharedTimer<TimedLease>;
}

function timersOf({ store, clock, refreshMs, ttlMs, observe }: TimedLeasesOptions): LeaseTimers {
  const ask = store.refreshAll?.bind(store);
  const refresh = async (leases: readonly TimedLease[]) => {
    if (ask === undefined) return leases.forEach((lease) => void lease.refresh());
    const asked = leases.filter((lease) => lease.mayRefresh());
    if (asked.length === 0) return;
    const sent = readClock(clock);
    try {
      const answers = await ask(asked.map(({ claim }) => claim), ttlMs);
      const refreshed = asked.filter((lease, i) => lease.refreshed(sent, answers[i]!));
      const streams = refreshed.map(({ claim }) => claim.stream);
      if (streams.length > 0) observe({ type: "locks-refreshed", streams });
    } catch (error) {
      for (const lease of asked) lease.notRefreshed(error);
    }
  };
  const earlyMs = ask === undefined ? 0 : refreshMs * EARLY_SHARE;
  return {
    deadline: new SharedTimer(clock, (due) => due.forEach((lease) => lease.endOrGoOn())),
    refresh: new SharedTimer(clock, (due) => void refresh(due), earlyMs),
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
  readonly #options: TimedLeasesOptions & { readonly timers: LeaseTimers };
  readonly #granted: Granted;
  readonly claim: StreamClaim;
  readonly #ended: () => void;
  readonly #controller = new AbortController();
  #refreshed: Reading;
  /** When the timer of the deadline goes off for it, on the monotonic clock. */
  #deadlineMs = Infinity;
  #isAsking = false;
  #failures = 0;
  #releasing: Promise<void> | undefined;
  #isOurs = true;

  constructor(
    options: TimedLeasesOptions & { readonly timers: LeaseTimers },
    granted: Granted,
    sent: Reading,
    ended: () => void,
  ) {
    this.#options = options;
    this.#granted = granted;
    this.claim = { stream: granted.stream, claim: this };
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
    if (this.#isAsking || this.#options.ttlMs === Infinity || this.signal.aborted) return;
    this.#options.timers.refresh.delete(this);
    void this.refresh();
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

  /** A timer that goes off before the deadline looks again, so refreshes leave it alone. */
  #armDeadline(): void {
    const leftMs = this.#leftMs();
    const dueMs = this.#options.clock.monotonicMs() + leftMs;
    if (this.#deadlineMs <= dueMs) return;
    this.#deadlineMs = dueMs;
    this.#options.timers.deadline.set(this, leftMs);
  }

  /** What is due at its deadline. */
  endOrGoOn(): void {
    this.#deadlineMs = Infinity;
    if (!this.#endIfPast()) this.#armDeadline();
  }

  #armRefresh(delayMs: number): void {
    this.#options.timers.refresh.set(this, delayMs);
  }

  /** Whether it is to be asked for now that it is due; if not, what follows from that is done. */
  mayRefresh(): boolean {
    const { observe, refreshMs } = this.#options;
    if (this.#endIfPast()) return false;
    this.#isAsking = this.#granted.isAlive();
    if (this.#isAsking) return true;
    const { stream, generation } = this.#granted;
    const reason = "the stream hangs";
    observe({ type: "lock-refresh-failed", stream, generation, reason, hangs: true });
    this.#armRefresh(Math.min(refreshMs, RETRY.maxMs));
    return false;
  }

  /** Asks the store for itself alone. */
  async refresh(): Promise<void> {
    const { store, ttlMs, clock, observe } = this.#options;
    if (!this.mayRefresh()) return;
    const sent = readClock(clock);
    const { stream } = this.#granted;
    try {
      const answer = await store.refresh(stream, this, ttlMs);
      if (this.refreshed(sent, answer)) observe({ type: "locks-refreshed", streams: [stream] });
    } catch (error) {
      this.notRefreshed(error);
    }
  }

  /** The store has answered; `sent`: from before it was asked. Whether it goes on. */
  refreshed(sent: Reading, answer: RefreshAnswer): boolean {
    this.#isAsking = false;
    if (this.signal.aborted) return false;
    if (answer === "gone" || answer === "taken") {
      this.#lose(answer);
      return false;
    }
    const { clock, refreshMs } = this.#options;
    this.#failures = 0;
    const agoMs = answer === "refreshed" ? 0 : answer.agoMs;
    const fromMs = sent.monotonicMs - agoMs;
    this.#refreshed = { monotonicMs: fromMs, wallMs: sent.wallMs - agoMs };
    if (this.#endIfPast()) return false;
    this.#armDeadline();
    this.#armRefresh(refreshMs - (clock.monotonicMs() - fromMs));
    return true;
  }

  /** What became of it is not known: it is asked for again soon. */
  notRefreshed(error: unknown): void {
    this.#isAsking = false;
    if (this.signal.aborted) return;
    const { observe, refreshMs, random } = this.#options;
    const { stream, generation } = this.#granted;
    const said = {
      reason: errorMessage(error),
      ...(isRefused(error) && { refuses: true as const }),
    };
    observe({ type: "lock-refresh-failed", stream, generation, ...said });
    this.#armRefresh(Math.min(refreshMs, backoffMs(++this.#failures, RETRY, random)));
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
    const { timers } = this.#options;
    timers.deadline.delete(this);
    timers.refresh.delete(this);
    this.#ended();
    this.#controller.abort(new FencedError(reason));
  }
}
