import { errorMessage, isRefused } from "../../model/errors.ts";
import { callWithin, NoAnswerError } from "../../support/flow/call_within.ts";
import type { Clock } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import { isVague, plainReason, steadyReason } from "./plain_reason.ts";
import { Waking } from "./waking.ts";

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
  /** For so long nobody had answered when that was noticed; absent where somebody said something. */
  readonly silentMs?: number;
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
  /** Where each is, for people: who does not answer does not say it. */
  readonly addresses?: Readonly<Partial<Record<DependencyName, string>>>;
  /** Is told whenever something is known, changed or not. */
  readonly told?: (name: DependencyName, facts: DependencyFacts) => void;
  /** Is told when one does its work again that was away for `RECOVERY_MS_MIN` or longer. */
  readonly recovered?: (name: DependencyName) => void;
  /** Whether there is work for it now: then it is asked as often as one that is needed all the time. Default: never. */
  readonly isNeeded?: (name: DependencyName) => boolean;
}

/**
 * How often a dependency is asked. With `PROBE_TIMEOUT_MS` it makes less than the five seconds in which a person should know
 * that one hangs. A store is paid for each request: where nothing is to be written it is asked more seldom.
 */
export const PROBE_INTERVAL_MS = { mongodb: 1500, redis: 1500, destination: 10_000 } as const;

/** The same while it is away, or there is work for it. */
export const AWAY_INTERVAL_MS = 1500;

/** Calls of one probe that may hang; a mount that is gone holds a thread for each. */
const HANGING_MAX = 8;

/** So long without an answer is none. */
export const PROBE_TIMEOUT_MS = 3000;

/** A time-out that comes later than this was late itself: it is this process, or the machine, that has no time. */
const LATE_MS = 500;

/** So often such a time-out is not believed. */
const DOUBTS_MAX = 2;

/** What has failed while this process woke up is asked for again so soon. */
const WAKING_ASK_MS = 500;

/** What was away for a shorter time needs no new tries: the next ones come soon. */
export const RECOVERY_MS_MIN = 1000;

/** One that comes and goes is not to be overrun each time. */
export const RECOVERY_GAP_MS = 10_000;

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
  /** How often each has done its work. */
  readonly #successes = new Map<DependencyName, number>();
  /** Since when each is away, on the monotonic clock. */
  readonly #awaySinceMs = new Map<DependencyName, number>();
  /** When it was last told that each has recovered, on the monotonic clock. */
  readonly #recoveredMs = new Map<DependencyName, number>();
  readonly #wakes: Wake[] = [];
  readonly #waking: Waking;
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];

  /** Begins to probe at once. */
  constructor(probes: Probes, clock: Clock, options: DependencyOptions = {}) {
    this.#clock = clock;
    this.#options = options;
    this.#waking = new Waking(clock);
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

  /** Whether nothing that streams are read from or written to is known to be away. */
  get servesStreams(): boolean {
    return [...this.#facts].every(([name, { state }]) => name === "redis" || state !== "unhealthy");
  }

  /** It has done its work. */
  succeeded(name: DependencyName): void {
    this.#failures.delete(name);
    this.#successes.set(name, (this.#successes.get(name) ?? 0) + 1);
    // Told of each reply of each stream: mostly nobody learns anything.
    const known = this.#facts.get(name);
    if (known?.state === "healthy" && !known.refuses && known.reason === undefined) return;
    this.#set(name, "healthy", undefined, false);
  }

  /** It has failed at its work; `refuses`: in a way that only a person can mend. */
  failed(name: DependencyName, reason: string, refuses = false): void {
    if (!refuses && this.#waking.isWaking()) return this.probeSoon();
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
    said: string | undefined,
    refuses: boolean,
    silentMs?: number,
  ): void {
    const before = this.#facts.get(name);
    if (before === undefined) return;
    // A refusal ends connections, and whoever meets such a one next knows only that.
    const isAftermath = before.refuses && state === "unhealthy" && !refuses && isVague(said ?? "");
    if (isAftermath) return;
    const isNew = before.state !== state;
    const sinceMs = isNew ? this.#clock.wallMs() - (silentMs ?? 0) : before.sinceMs;
    const plain = said === undefined ? undefined : plainReason(said);
    const isGoingOn = !isNew && before.refuses === refuses;
    const reason = isGoingOn ? steadyReason(name, before.reason, plain) : plain;
    const silent = silentMs === undefined ? {} : { silentMs };
    const facts = { state, sinceMs, reason, refuses, ...silent };
    this.#facts.set(name, facts);
    this.#options.told?.(name, facts);
    if (isNew) this.#noteChange(name, state, silentMs ?? 0);
  }

  #noteChange(name: DependencyName, state: DependencyState, silentMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (state === "unhealthy") return void this.#awaySinceMs.set(name, nowMs - silentMs);
    const sinceMs = this.#awaySinceMs.get(name) ?? nowMs;
    this.#awaySinceMs.delete(name);
    const gapMs = nowMs - (this.#recoveredMs.get(name) ?? -Infinity);
    if (nowMs - sinceMs < RECOVERY_MS_MIN || gapMs < RECOVERY_GAP_MS) return;
    this.#recoveredMs.set(name, nowMs);
    this.#options.recovered?.(name);
  }

  async #probeAgainAndAgain(name: DependencyName, probe: Probe, wake: Wake): Promise<void> {
    const stopped = this.#stop.signal;
    const hanging = new Set<Promise<unknown>>();
    let doubts = 0;
    while (!stopped.aborted) {
      this.#waking.isWaking();
      const failures = this.#failures.get(name) ?? 0;
      const successes = this.#successes.get(name) ?? 0;
      const begunMs = this.#clock.monotonicMs();
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
        doubts = 0;
        // Whoever failed meanwhile knows better.
        if ((this.#failures.get(name) ?? 0) === failures) this.succeeded(name);
      } catch (error) {
        if (stopped.aborted) return;
        if (!isRefused(error) && this.#waking.isWaking()) {
          await wake.wait(WAKING_ASK_MS);
          continue;
        }
        if (!(error instanceof NoAnswerError)) {
          this.#set(name, "unhealthy", errorMessage(error), isRefused(error));
        } else {
          const waitedMs = this.#clock.monotonicMs() - begunMs;
          const isDoubtful = waitedMs > PROBE_TIMEOUT_MS + LATE_MS && doubts++ < DOUBTS_MAX;
          if (isDoubtful) continue;
          doubts = 0;
          const worksAllTheSame = (this.#successes.get(name) ?? 0) !== successes;
          if (!worksAllTheSame) this.#noAnswer(name, error, waitedMs);
        }
      }
      await this.#waitToAsk(name, wake, begunMs);
    }
  }

  /** Why one is away, or that it refuses, says more than that the next question has no answer. */
  #noAnswer(name: DependencyName, error: Error, waitedMs: number): void {
    if (this.#facts.get(name)?.state === "unhealthy") return;
    const address = this.#options.addresses?.[name];
    const where = address === undefined ? "" : ` (${address})`;
    this.#set(name, "unhealthy", errorMessage(error) + where, false, waitedMs);
  }

  /** Until it is time, or somebody wants to know; whether there is work may change meanwhile. */
  async #waitToAsk(name: DependencyName, wake: Wake, begunMs: number): Promise<void> {
    const endMs = begunMs + PROBE_INTERVAL_MS[name];
    for (;;) {
      const isRung = await wake.wait(AWAY_INTERVAL_MS);
      const isPressing = this.#facts.get(name)?.state === "unhealthy" ||
        this.#options.isNeeded?.(name) === true;
      if (isRung || isPressing || this.#clock.monotonicMs() >= endMs) return;
    }
  }
}
