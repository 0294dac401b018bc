import { errorMessage } from "../model/errors.ts";
import { callWithin } from "../support/call_within.ts";
import type { Clock } from "../support/clock.ts";
import { Wake } from "../support/wake.ts";

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
}

/** Asks a dependency for a sign of life; rejects where there is none. Should end soon after the signal's abort. */
export type Probe = (signal: AbortSignal) => Promise<unknown>;

/** A dependency without a probe is one that this instance does not have. */
export type Probes = Readonly<Partial<Record<DependencyName, Probe>>>;

/** How often a dependency is asked. */
export const PROBE_INTERVAL_MS = 10_000;

/** So long without an answer is none. */
export const PROBE_TIMEOUT_MS = 5000;

/**
 * Keeps what is known of the services that the program depends on: from what the pipelines meet anyway, and from a probe
 * now and then. Nobody who wants to know it waits for them.
 */
export class DependencyWatch implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #facts = new Map<DependencyName, DependencyFacts>();
  readonly #wakes: Wake[] = [];
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];

  /** Begins to probe at once. */
  constructor(probes: Probes, clock: Clock) {
    this.#clock = clock;
    for (const name of DEPENDENCIES) {
      const probe = probes[name];
      if (probe === undefined) continue;
      this.#facts.set(name, { state: "unknown", sinceMs: clock.wallMs(), reason: undefined });
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

  succeeded(name: DependencyName): void {
    this.#set(name, "healthy", undefined);
  }

  failed(name: DependencyName, reason: string): void {
    this.#set(name, "unhealthy", reason);
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

  #set(name: DependencyName, state: DependencyState, reason: string | undefined): void {
    const before = this.#facts.get(name);
    if (before === undefined) return;
    if (before.state === state && before.reason === reason) return;
    const sinceMs = before.state === state ? before.sinceMs : this.#clock.wallMs();
    this.#facts.set(name, { state, sinceMs, reason });
  }

  async #probeAgainAndAgain(name: DependencyName, probe: Probe, wake: Wake): Promise<void> {
    const stopped = this.#stop.signal;
    while (!stopped.aborted) {
      try {
        await callWithin(this.#clock, PROBE_TIMEOUT_MS, stopped, probe);
        this.succeeded(name);
      } catch (error) {
        if (stopped.aborted) return;
        this.failed(name, errorMessage(error));
      }
      await wake.wait(PROBE_INTERVAL_MS);
    }
  }
}
