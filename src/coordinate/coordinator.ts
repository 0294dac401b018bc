/**
 * The loop of the control plane: announce, look, hand over what others should have, take what is free and one's own, wait
 * for news. Start, crash, join, leave, a stream that failed and a store that was away are all the same loop: it looks
 * again, and the division (`assign.ts`) is another one.
 */
import { errorMessage, isRefused, PermanentError, TransientError } from "../model/errors.ts";
import { backoffMs } from "../support/flow/backoff.ts";
import { type Clock, isoTime } from "../support/clock.ts";
import { mapLimited } from "../support/flow/limited.ts";
import type { Random } from "../support/random.ts";
import { Wake } from "../support/flow/notify.ts";
import type { CoordinateEvent } from "./events.ts";
import { Failures } from "./stream_backoff.ts";
import type { Fleet } from "./fleet.ts";
import { HeldStream, type StartStream } from "./lease/held_stream.ts";
import type { Leases } from "./lease/leases.ts";
import { ExistingStreams } from "./existing_streams.ts";
import { isSameMember, type Member } from "./members.ts";
import type { Plan, View } from "./assign/plan.ts";
import { Planner } from "./assign/planner.ts";
import type { Rivals } from "./rivals.ts";
import type { Self, Timing } from "./self.ts";
import { createTimedLeases } from "./lease/timed_leases.ts";
import { ViewChanges } from "./assign/view_changes.ts";

export interface CoordinateOptions {
  readonly fleet: Omit<Fleet, "news" | "orders">;
  readonly self: Self;
  /** Called before each look, so that `streams` answers as of now. What it throws counts as the store being away. */
  readonly refresh?: () => Promise<void>;
  /** The keys of the streams that are to run now, the same list only if they are the same; `onStreamsChanged` tells when there are others. */
  readonly streams: () => readonly string[];
  readonly onStreamsChanged?: (listener: () => void) => void;
  /** Called when another instance tells of streams that this one does not know: there may be new ones to look for. */
  readonly onUnknownStreams?: () => void;
  /** Tells when something answers again that was away: the store, or what streams need. */
  readonly onRecovered?: (listener: () => void) => void;
  /** Called with all who are there, this instance too, before any stream is taken. */
  readonly onMembers?: (members: readonly Member[]) => void;
  /** Instances that select other events; what they run is left to them. */
  readonly rivals?: Rivals;
  /**
   * Whether what fails streams here now fails them at all other instances, too: then they are kept, and tried again here,
   * instead of going from one to the other. Default: never.
   */
  readonly isFaultShared?: () => boolean;
  readonly start: StartStream;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: (event: CoordinateEvent) => void;
}

/** Everything stopped: on demand, or because no stream can run with this configuration. */
export type CoordinateOutcome = "stopped" | "all-failed";

/**
 * Runs this instance's share of the streams until `stop`; then stores what was read, gives all leases back and leaves.
 * `all-failed`: every stream that exists has failed here in a way that only another configuration can mend.
 */
export async function coordinate(
  options: CoordinateOptions,
  stop: AbortSignal,
): Promise<CoordinateOutcome> {
  return await new Coordinator(options, stop).run();
}

/** After a crash nothing tells that a lease or a member has expired: it is looked at this long after. */
const AFTER_EXPIRY_MS = 5;

/** A failed stream is left alone from one retry interval to this long: what was mended at night runs soon after. */
const FAILED_MS_MAX = 120_000;

const ACQUIRES_IN_FLIGHT_MAX = 64; // In a bucket they are had together.

class Coordinator {
  readonly #options: CoordinateOptions;
  readonly #stop: AbortSignal;
  readonly #timing: Timing;
  readonly #leases: Leases;
  readonly #failures: Failures;
  readonly #changes: ViewChanges;
  readonly #planner = new Planner();
  readonly #existing: ExistingStreams;
  readonly #wake: Wake;
  readonly #held = new Map<string, HeldStream>();
  /** Those that failed last by what fails everybody. */
  readonly #kept = new WeakSet<HeldStream>();
  /** Streams that ended by themselves: there is nothing more in them. */
  readonly #finished = new Set<string>();
  readonly #since: string;
  #isRung = false;
  #announced: { readonly member: Member; readonly atMs: number } | undefined;
  #news = "";
  /** How often it is asked whether there is any. */
  #newsMs: number;
  #away: { readonly sinceMs: number; readonly failures: number } | undefined;
  #hasLooked = false;
  #elsewhere: string | undefined;

  constructor(options: CoordinateOptions, stop: AbortSignal) {
    const { fleet, self, clock, random, timing, observe } = options;
    const alone = { ...timing, ttlMs: Infinity, refreshMs: Infinity };
    this.#options = options;
    this.#stop = stop;
    this.#timing = fleet.isShared ? timing : alone;
    this.#leases = createTimedLeases({
      ...{ store: fleet.leases, owner: self.owner, instance: self.instance },
      ...{ ttlMs: this.#timing.ttlMs, refreshMs: this.#timing.refreshMs, clock, random, observe },
    });
    const { retryMs } = timing;
    const backoff = { firstMs: retryMs, maxMs: Math.max(retryMs, FAILED_MS_MAX) };
    this.#failures = new Failures(clock, random, backoff);
    this.#newsMs = fleet.poll.changesMs;
    this.#changes = new ViewChanges(self, observe);
    this.#existing = new ExistingStreams(options.streams);
    this.#wake = new Wake(clock);
    this.#since = isoTime(clock.wallMs());
  }

  async run(): Promise<CoordinateOutcome> {
    const onStop = () => {
      this.#stopAll();
      this.#ring();
    };
    this.#stop.addEventListener("abort", onStop);
    this.#options.onStreamsChanged?.(() => this.#ring());
    this.#options.onRecovered?.(() => this.#tryNow());
    try {
      while (!this.#stop.aborted) {
        const waitMs = await this.#turn();
        if (this.#stop.aborted) break;
        if (this.#haveAllFailed()) return "all-failed";
        await this.#waitForNews(waitMs);
      }
      return "stopped";
    } finally {
      this.#stop.removeEventListener("abort", onStop);
      await this.#leave();
    }
  }

  /** One look and what follows from it; says how long nothing more needs to be done. */
  async #turn(): Promise<number> {
    this.#isRung = false;
    this.#letGo();
    try {
      if (this.#options.refresh !== undefined) {
        await this.#options.refresh();
        this.#letGo();
      }
      const { members, leases } = this.#options.fleet;
      this.#elsewhere = await this.#options.fleet.elsewhere?.();
      // What this instance must not run it must not offer, either: the others would let go of it.
      if (!this.#hasLooked) this.#options.rivals?.see(await members.list());
      this.#hasLooked = true;
      await this.#announce(false);
      // Before looking, so that what happens during the look is news.
      if (this.#options.fleet.isShared) this.#news = await this.#options.fleet.changes();
      const view = { members: await members.list(), leases: await leases.list() };
      // So long the others get to notice that the store has forgotten them, too.
      if (!await this.#isKnown(view)) return 2 * this.#options.fleet.poll.changesMs;
      this.#options.onMembers?.(view.members);
      this.#options.rivals?.see(view.members);
      const member = this.#member(false);
      const plan = this.#planner.planFor(member, view);
      this.#changes.tell(view, plan, { failing: this.#failing(view), waits: member.waits ?? "" });
      if (this.#existing.hasNews(view.members, member.owner)) this.#options.onUnknownStreams?.();
      this.#handOver(plan);
      await this.#take(plan);
      this.#storeIsBack();
      return this.#waitAfter(plan);
    } catch (error) {
      return this.#storeIsAway(error);
    }
  }

  /** Stops what has failed, and what does not exist any more. */
  #letGo(): void {
    const exist = this.#existing.keys;
    this.#failures.forgetAllBut(exist);
    for (const stream of this.#finished) if (!exist.has(stream)) this.#finished.delete(stream);
    for (const held of this.#held.values()) {
      if (held.isEnding) continue;
      if (held.condition === "failed" && !this.#kept.has(held)) {
        this.#setAside(held);
      } else if (!exist.has(held.key)) {
        held.stop("finished");
      }
    }
  }

  /** The lease is given back until the next try: another instance may be able to run it, and a person may mend it. */
  #setAside(held: HeldStream): void {
    const { key: stream, needsConfiguration } = held;
    const retryMs = this.#failures.failed(stream, held.heldMs(), needsConfiguration);
    this.#options.observe({ type: "stream-set-aside", stream, retryMs });
    held.stop("failed");
  }

  async #announce(isLeaving: boolean): Promise<void> {
    const { fleet, clock } = this.#options;
    const member = this.#member(isLeaving);
    const nowMs = clock.monotonicMs();
    if (isSameMember(this.#announced?.member, member) && this.#heartbeatLeftMs() > 0) return;
    await fleet.members.announce(member, this.#timing.ttlMs);
    this.#announced = { member, atMs: nowMs };
  }

  /** Whether the store still knows this instance; where it has forgotten all, everybody gets time to come back first. */
  async #isKnown(view: View): Promise<boolean> {
    const leases = this.#planner.leasesOf(view);
    for (const held of this.#held.values()) {
      const { owner, generation } = leases.get(held.key) ?? {};
      const isListed = owner === held.lease.owner && generation === held.lease.generation;
      // Somebody has ended it, or the store forgot: no need to wait for the next refresh.
      if (!isListed && !held.isEnding) held.lease.recheck();
    }
    const { owner } = this.#options.self;
    if (view.members.some((member) => member.owner === owner)) return true;
    this.#announced = undefined;
    await this.#announce(false);
    return false;
  }

  #heartbeatLeftMs(): number {
    const { atMs = -Infinity } = this.#announced ?? {};
    return atMs + this.#timing.refreshMs - this.#options.clock.monotonicMs();
  }

  /** What this instance tells of itself: it does not offer to run what has failed, finished or hangs here. */
  #member(isLeaving: boolean): Member {
    const { self, rivals } = this.#options;
    const exist = this.#existing.list;
    const isOffered = (stream: string) => {
      if (this.#elsewhere !== undefined) return false;
      const lostForMs = this.#held.get(stream)?.lostForMs() ?? 0;
      return this.#failures.leftMs(stream) === 0 && !this.#finished.has(stream) &&
        lostForMs <= this.#timing.retryMs && rivals?.find(stream) === undefined;
    };
    // The same list while nothing happens: then nothing that follows from it needs to be found again.
    const streams = exist.every(isOffered) ? exist : exist.filter(isOffered);
    const failed = exist.filter((stream) => this.#failures.leftMs(stream) > 0).length;
    const told = rivals?.toldOf(exist);
    const waits = this.#elsewhere === undefined ? {} : { waits: this.#elsewhere };
    return { ...self, since: this.#since, streams, failed, isLeaving, ...told, ...waits };
  }

  /** Streams that failed here and run nowhere since; others may run what fails here. */
  #failing(view: View): string[] {
    const { self } = this.#options;
    const elsewhere = new Set(
      view.leases.filter(({ owner }) => owner !== self.owner).map(({ stream }) => stream),
    );
    return this.#existing.list.filter((stream) =>
      this.#failures.isFailing(stream) && !elsewhere.has(stream)
    );
  }

  #handOver(plan: Plan): void {
    const isElsewhere = this.#elsewhere !== undefined;
    for (const held of this.#held.values()) {
      if (isElsewhere || plan.others.has(held.key)) held.stop("handed-over");
    }
  }

  async #take(plan: Plan): Promise<void> {
    const wanted = plan.free.filter((stream) =>
      !this.#held.has(stream) && this.#failures.leftMs(stream) === 0
    );
    await mapLimited(wanted, ACQUIRES_IN_FLIGHT_MAX, (stream) => this.#takeOne(stream));
  }

  async #takeOne(stream: string): Promise<void> {
    if (this.#stop.aborted) return;
    const { observe, start, clock } = this.#options;
    const isAlive = () => this.#held.get(stream)?.isAlive() ?? true;
    const lease = await this.#leases.acquire(stream, isAlive).catch((error: unknown) => {
      observe({ type: "lock-acquisition-failed", stream, reason: "error" });
      throw error;
    });
    if (lease === undefined) {
      return observe({ type: "lock-acquisition-failed", stream, reason: "held" });
    }
    // What was wanted when it was asked for need not be any more.
    if (this.#stop.aborted || !this.#existing.keys.has(stream)) return await lease.release();
    observe({ type: "lock-acquired", stream, generation: lease.generation });
    const changed = (held: HeldStream) => this.#onChange(held);
    const held = new HeldStream(stream, lease, { start, clock, observe, changed });
    this.#held.set(stream, held);
    void held.over.then(() => this.#onOver(held));
  }

  #onChange(held: HeldStream): void {
    if (held.condition === "running") this.#failures.runs(held.key);
    if (held.condition !== "failed") return;
    // As of when it fails: what was shared a moment ago is about to be mended.
    const isKept = !held.needsConfiguration && this.#options.isFaultShared?.() === true;
    if (isKept) return void this.#kept.add(held);
    this.#kept.delete(held);
    this.#ring();
  }

  #onOver(held: HeldStream): void {
    this.#held.delete(held.key);
    if (!held.isEnding) this.#finished.add(held.key);
    if (held.hasFailed) this.#changes.endedFailing(held.key);
    this.#ring();
  }

  #waitAfter(plan: Plan): number {
    const { changesMs, handOverMs } = this.#options.fleet.poll;
    this.#newsMs = plan.waitMs === Infinity ? changesMs : handOverMs;
    const failedMs = this.#failures.nextMs(this.#existing.list);
    const dueMs = Math.min(this.#timing.retryMs, this.#heartbeatLeftMs(), failedMs);
    return Math.max(0, Math.min(dueMs, plan.expiryMs + AFTER_EXPIRY_MS));
  }

  #storeIsBack(): void {
    if (this.#away === undefined) return;
    const awayMs = this.#options.clock.monotonicMs() - this.#away.sinceMs;
    this.#away = undefined;
    this.#options.observe({ type: "store-back", awayMs });
  }

  /** The leases look after themselves until their deadlines; here it is only asked again. */
  #storeIsAway(error: unknown): number {
    if (!(error instanceof TransientError || error instanceof PermanentError)) throw error;
    const { clock, random, observe, fleet: { poll } } = this.#options;
    if (this.#away === undefined) {
      const refusal = isRefused(error) ? { refuses: true as const } : {};
      observe({ type: "store-away", reason: errorMessage(error), ...refusal });
    }
    const { sinceMs = clock.monotonicMs(), failures = 0 } = this.#away ?? {};
    this.#away = { sinceMs, failures: failures + 1 };
    const backoff = {
      firstMs: poll.changesMs,
      maxMs: Math.max(poll.changesMs, this.#timing.retryMs),
    };
    return backoffMs(failures + 1, backoff, random);
  }

  #tryNow(): void {
    this.#failures.tryNow();
    if (this.#away !== undefined) this.#away = { ...this.#away, failures: 0 };
    this.#ring();
  }

  async #waitForNews(waitMs: number): Promise<void> {
    const { clock, fleet } = this.#options;
    const endMs = clock.monotonicMs() + waitMs;
    const isAsked = fleet.isShared && this.#away === undefined;
    while (!this.#isRung) {
      const leftMs = endMs - clock.monotonicMs();
      if (leftMs <= 0) return;
      await this.#wake.wait(isAsked ? Math.min(this.#newsMs, leftMs) : leftMs);
      if (isAsked && !this.#isRung && await this.#isThereNews()) return;
    }
  }

  async #isThereNews(): Promise<boolean> {
    try {
      return await this.#options.fleet.changes() !== this.#news;
    } catch {
      // The look that follows learns why, and says so.
      return true;
    }
  }

  #ring(): void {
    this.#isRung = true;
    this.#wake.ring();
  }

  /** All else may be mended around the program while it runs. */
  #haveAllFailed(): boolean {
    const streams = this.#existing.list;
    return streams.length > 0 &&
      streams.every((stream) => this.#failures.needsConfiguration(stream));
  }

  #stopAll(): void {
    for (const held of this.#held.values()) held.stop("stopped");
  }

  /** The others are told at once that they will get this instance's streams, and that it is gone once they have them. */
  async #leave(): Promise<void> {
    this.#stopAll();
    const ended = Promise.all([...this.#held.values()].map(({ over }) => over));
    if (!this.#options.fleet.isShared) return void await ended;
    const told = this.#announce(true).then(() => true, () => false);
    await ended;
    // Where nobody answers, the leases and this member expire.
    if (await told) {
      await this.#options.fleet.members.leave(this.#options.self.owner).catch(() => {});
    }
  }
}
