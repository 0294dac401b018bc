import { errorMessage, PermanentError } from "../../model/errors.ts";
import { callWithin } from "../../support/flow/call_within.ts";
import type { Clock } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";

export const DEPENDENCIES = ["mongodb", "redis", "destination"] as const;
export type DependencyName = typeof DEPENDENCIES[number];

/** `unknown` until the first answer. */
export type DependencyState = "healthy" | "unhealthy" | "unknown";

export interface DependencyFacts {
  readonly state: DependencyState;
  /** Wall clock of the last change of `state`. */
  readonly sinceMs: number;
  /** Why it is unhealthy. */
  readonly reason: string | undefined;
  /** It answers, and refuses what it is asked for: a person must mend it. */
  readonly refuses: boolean;
}

/** Asks a dependency for a sign of life; rejects where there is none. Should end soon after the signal's abort. */
export type Probe = (signal: AbortSignal) => Promise<unknown>;

/** A dependency without a probe is one that this instance does not have. */
export type Probes = Readonly<Partial<Record<DependencyName, Probe>>>;

export interface DependencyOptions {
  /**
   * How a dependency is asked after it has failed at its work, where it can live and still not do that: a store that can
   * be read and not be written. Until this succeeds, or the work does, it stays unhealthy.
   */
  readonly work?: Probes;
  /** Is told whenever something is known, changed or not. */
  readonly told?: (name: DependencyName, facts: DependencyFacts) => void;
}

/**
 * How often a dependency is asked. Of MongoDB and the destination the streams tell sooner, and asking costs; of Redis, which
 * is asked seldom where nothing happens, nobody does.
 */
export const PROBE_INTERVAL_MS = { mongodb: 5000, redis: 2000, destination: 10_000 } as const;

/** The same while it is away. */
export const AWAY_INTERVAL_MS = 2000;

/** Calls of one probe that may hang; a mount that is gone holds a thread for each. */
const HANGING_MAX = 8;

/** So long without an answer is none. */
export const PROBE_TIMEOUT_MS = 5000;

/**
 * Keeps what is known of the services that the program depends on: from what the pipelines meet anyway, and from a probe
 * now and then. Nobody who wants to know it waits for them.
 */
export class DependencyWatch implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #options: DependencyOptions;
  readonly #facts = new Map<DependencyName, DependencyFacts>();
  /** How often each has failed at its work since it last did it. */
  readonly #failures = new Map<DependencyName, number>();
  readonly #wakes: Wake[] = [];
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];

  /** Begins to probe at once. */
  constructor(probes: Probes, clock: Clock, options: DependencyOptions = {}) {
    this.#clock = clock;
    this.#options = options;
    for (const name of DEPENDENCIES) {
      const probe = probes[name];
      if (probe === undefined) continue;
      const facts = { state: "unknown", reason: undefined, refuses: false } as const;
      this.#facts.set(name, { ...facts, sinceMs: clock.wallMs() });
      const wake = new Wake(clock);
      this.#wakes.push(wake);
      this.#loops.push(this.#probeAgainAndAgain(name, probe, wake));
    }
  }

  /** What is known of each dependency that there is. */
  get facts(): ReadonlyMap<DependencyName, DependencyFacts> {
    return this.#facts;
  }

  get allHealthy(): boolean {
    return [...this.#facts.values()].every(({ state }) => state === "healthy");
  }

  /** It has done its work. */
  succeeded(name: DependencyName): void {
    this.#failures.delete(name);
    this.#set(name, "healthy", undefined, false);
  }

  /** It has failed at its work; `refuses`: in a way that only a person can mend. */
  failed(name: DependencyName, reason: string, refuses = false): void {
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
    this.#set(name, "unhealthy", reason, refuses);
  }

  /** Probes all now: something failed, and it is not known whose fault it was. */
  probeSoon(): void {
    for (const wake of this.#wakes) wake.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("The program ends"));
    this.probeSoon();
    await Promise.all(this.#loops);
  }

  #set(
    name: DependencyName,
    state: DependencyState,
    reason: string | undefined,
    refuses: boolean,
  ): void {
    const before = this.#facts.get(name);
    if (before === undefined) return;
    const sinceMs = before.state === state ? before.sinceMs : this.#clock.wallMs();
    const facts = { state, sinceMs, reason, refuses };
    this.#facts.set(name, facts);
    this.#options.told?.(name, facts);
  }

  async #probeAgainAndAgain(name: DependencyName, probe: Probe, wake: Wake): Promise<void> {
    const stopped = this.#stop.signal;
    const hanging = new Set<Promise<unknown>>();
    while (!stopped.aborted) {
      const failures = this.#failures.get(name) ?? 0;
      const asked = failures === 0 ? probe : this.#options.work?.[name] ?? probe;
      const ask = (signal: AbortSignal) => {
        // Each would hang beside the others: the oldest tells as much.
        if (hanging.size >= HANGING_MAX) return [...hanging][0]!;
        const call = asked(signal).finally(() => hanging.delete(call));
        hanging.add(call);
        return call;
      };
      try {
        await callWithin(this.#clock, PROBE_TIMEOUT_MS, stopped, ask);
        // Whoever failed meanwhile knows better.
        if ((this.#failures.get(name) ?? 0) === failures) this.succeeded(name);
      } catch (error) {
        if (stopped.aborted) return;
        this.#set(name, "unhealthy", errorMessage(error), error instanceof PermanentError);
      }
      const isAway = this.#facts.get(name)?.state === "unhealthy";
      await wake.wait(isAway ? AWAY_INTERVAL_MS : PROBE_INTERVAL_MS[name]);
    }
  }
}
