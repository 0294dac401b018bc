import { errorMessage } from "../../model/errors.ts";
import type { StreamCondition } from "../../model/stream_condition.ts";
import type { Clock } from "../../support/clock.ts";
import type { CoordinateEvent, ReleaseReason } from "../events.ts";
import type { HeldLease } from "./leases.ts";

/** A stream that runs under a lease, as far as the control plane looks at it. */
export interface RunningStream {
  readonly condition: StreamCondition;
  /** Whether it has failed in a way that only another configuration of the program can mend. */
  readonly needsConfiguration?: boolean;
  /** Whether its loop has turned lately: while it has not, its lease is not refreshed. */
  isAlive(): boolean;
  /** Resolves after the stop or the end of the lease, when the stream has let go of everything. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Starts a stream, which runs until `stop` (then it stores what it has read) or until the lease ends (then it drops what
 * is not appended). `changed` is to be called when its condition changes.
 */
export type StartStream = (
  key: string,
  lease: HeldLease,
  stop: AbortSignal,
  changed: () => void,
) => RunningStream;

export interface HeldStreamTools {
  readonly start: StartStream;
  readonly clock: Clock;
  readonly observe: (event: CoordinateEvent) => void;
  readonly changed: (held: HeldStream) => void;
}

/**
 * A stream from its lease to the release of it: *running* until it is told to stop, fails, finishes by itself or loses its
 * lease; *ending* until it has let go of everything; then the lease is given back, and it is *over*.
 */
export class HeldStream {
  readonly key: string;
  readonly lease: HeldLease;
  /** Resolves when it is over. Never rejects. */
  readonly over: Promise<void>;
  readonly #tools: HeldStreamTools;
  readonly #stop = new AbortController();
  readonly #running: RunningStream;
  readonly #sinceMs: number;
  #order: { readonly reason: ReleaseReason; readonly atMs: number } | undefined;
  #lostMs: number | undefined;
  #isReleasing = false;
  #hasFailed = false;

  constructor(key: string, lease: HeldLease, tools: HeldStreamTools) {
    this.key = key;
    this.lease = lease;
    this.#tools = tools;
    this.#sinceMs = tools.clock.monotonicMs();
    lease.signal.addEventListener("abort", () => this.#onLeaseEnd(), { once: true });
    this.#running = tools.start(key, lease, this.#stop.signal, () => {
      const { condition } = this;
      if (condition === "failed" || condition === "running") {
        this.#hasFailed = condition === "failed";
      }
      tools.changed(this);
    });
    this.over = this.#runToEnd();
  }

  get condition(): StreamCondition {
    return this.#running?.condition ?? "opening";
  }

  get needsConfiguration(): boolean {
    return this.#running.needsConfiguration ?? false;
  }

  /** Whether it has failed and not run since, also when it is over. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get isEnding(): boolean {
    return this.#order !== undefined || this.#lostMs !== undefined;
  }

  get lostLease(): boolean {
    return this.#lostMs !== undefined;
  }

  isAlive(): boolean {
    return this.#running.isAlive();
  }

  /** How long it has been ending since its lease was lost; 0 where it was not. */
  lostForMs(): number {
    return this.#lostMs === undefined ? 0 : this.#tools.clock.monotonicMs() - this.#lostMs;
  }

  heldMs(): number {
    return this.#tools.clock.monotonicMs() - this.#sinceMs;
  }

  /** Tells it to store what it has read and to end; the first reason counts. */
  stop(reason: ReleaseReason): void {
    if (this.isEnding) return;
    this.#order = { reason, atMs: this.#tools.clock.monotonicMs() };
    this.#stop.abort(new Error(`The stream "${this.key}" is ${reason}`));
  }

  #onLeaseEnd(): void {
    if (this.#isReleasing) return;
    const { clock, observe } = this.#tools;
    this.#lostMs = clock.monotonicMs();
    const reason = errorMessage(this.lease.signal.reason);
    const { generation } = this.lease;
    observe({ type: "lock-lost", stream: this.key, generation, reason, heldMs: this.heldMs() });
  }

  async #runToEnd(): Promise<void> {
    await this.#running.ended;
    const { clock, observe } = this.#tools;
    const { key: stream, lease: { generation } } = this;
    this.#isReleasing = true;
    try {
      // Also a lease that is lost: the store may not know yet, and somebody may be waiting for it.
      await this.lease.release();
      if (this.lostLease) return;
      const { reason = "finished", atMs = clock.monotonicMs() } = this.#order ?? {};
      const drainMs = clock.monotonicMs() - atMs;
      const heldMs = this.heldMs();
      observe({ type: "lock-released", stream, generation, reason, heldMs, drainMs });
    } catch (error) {
      if (this.lostLease) return;
      const reason = errorMessage(error);
      observe({ type: "lock-release-failed", stream, generation, reason, heldMs: this.heldMs() });
    }
  }
}
