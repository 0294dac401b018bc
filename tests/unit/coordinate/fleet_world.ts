/** Instances with the real coordinator over a fleet in memory, on one virtual clock, running streams that only pretend. */
import { type Poll, POLL_OFTEN } from "../../../src/coordinate/fleet.ts";
import { ChangeCounter } from "../../../src/coordinate/memory/change_counter.ts";
import {
  coordinate,
  type CoordinateOptions,
  type CoordinateOutcome,
} from "../../../src/coordinate/coordinator.ts";
import type { CoordinateEvent } from "../../../src/coordinate/events.ts";
import type { StreamCondition } from "../../../src/model/stream_condition.ts";
import type { StartStream } from "../../../src/coordinate/lease/held_stream.ts";
import { createMemoryLeaseStore } from "../../../src/coordinate/memory/memory_lease_store.ts";
import { createMemoryMembers } from "../../../src/coordinate/memory/memory_members.ts";
import { Rivals } from "../../../src/coordinate/rivals.ts";
import { TransientError } from "../../../src/model/errors.ts";
import type { Clock, Timer } from "../../../src/support/clock.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

export const TTL_MS = 30_000;
export const REFRESH_MS = 10_000;
export const RETRY_MS = 5000;

/** How a pretended stream behaves on an instance. */
export interface Behaviour {
  /** From the stop until everything is stored. */
  drainMs: number;
  /** Those that fail for good as soon as they are started. */
  failing: readonly string[];
  /** Of those, whether only another configuration can mend it. */
  misconfigured: boolean;
  /** Ends by itself as soon as it is started. */
  finishes: boolean;
  /** Its loop stands still: it neither answers nor ends. */
  hangs: boolean;
}

/** From when to when a stream was read by whom. */
export interface Stretch {
  readonly stream: string;
  readonly owner: string;
  readonly fromMs: number;
  toMs: number;
}

export class FleetWorld {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(7);
  readonly stretches: Stretch[] = [];
  streams: string[];
  #changes = new ChangeCounter();
  shared!: CoordinateOptions["fleet"];

  constructor(streams: readonly string[]) {
    this.streams = [...streams];
    this.forget();
  }

  /** The store starts again with nothing. */
  forget(): void {
    const count = this.#changes.count;
    this.#changes = new ChangeCounter();
    if (count === 0) this.#changes.increment();
    const changes = this.#changes;
    this.shared = {
      leases: createMemoryLeaseStore(this.clock, changes),
      members: createMemoryMembers(this.clock, changes),
      changes: () => Promise.resolve(String(changes.count)),
      isShared: true,
      poll: POLL_OFTEN,
    };
  }

  start(owner: string, options: Partial<FakeInstanceOptions> = {}): FakeInstance {
    return new FakeInstance(this, owner, options);
  }

  /** Who reads each stream now. */
  readers(): Map<string, string[]> {
    const now = new Map(this.streams.map((stream) => [stream, [] as string[]]));
    for (const { stream, owner, toMs } of this.stretches) {
      if (toMs === Infinity) now.get(stream)?.push(owner);
    }
    return now;
  }

  /** How many streams each instance reads now, by its owner id. */
  loads(): Record<string, number> {
    const loads: Record<string, number> = {};
    for (const owner of [...this.readers().values()].flat()) loads[owner] = (loads[owner] ?? 0) + 1;
    return loads;
  }

  isOneReaderEach(): boolean {
    return [...this.readers().values()].every((owners) => owners.length === 1);
  }

  /** The longest time since `fromMs` in which nobody read a stream that had been read, over all streams. */
  silenceMs(fromMs: number): number {
    const silences = this.streams.map((stream) => {
      const own = this.stretches.filter((each) => each.stream === stream && each.toMs > fromMs)
        .sort((a, b) => a.fromMs - b.fromMs);
      return own.slice(1).map((each, i) => each.fromMs - own[i]!.toMs);
    });
    return Math.max(0, ...silences.flat());
  }

  /** Whether ever two instances that were both right to do so read one stream. */
  overlaps(): Stretch[][] {
    return this.stretches.flatMap((a, i) =>
      this.stretches.slice(i + 1).filter((b) =>
        a.stream === b.stream && a.fromMs < b.toMs && b.fromMs < a.toMs
      ).map((b) => [a, b])
    );
  }
}

export interface FakeInstanceOptions {
  /** The streams it knows; default: all there are. */
  readonly streams: () => readonly string[];
  readonly isShared: boolean;
  /** Opens a fleet of its own, by its clock; default: the world's. */
  readonly openFleet: (clock: Clock) => CoordinateOptions["fleet"];
  readonly onUnknownStreams: () => void;
  /** How often its store wants to be asked; default: often. */
  readonly poll: Poll;
  /** What it tells of the events that it selects; default: nothing, as an older version. */
  readonly selection: string;
}

export class FakeInstance {
  readonly owner: string;
  readonly events: CoordinateEvent[] = [];
  readonly behaviour: Behaviour = {
    ...{ drainMs: 130, failing: [], misconfigured: false, finishes: false, hangs: false },
  };
  readonly outcome: Promise<CoordinateOutcome>;
  readonly rivals: Rivals | undefined;
  isStoreAway = false;
  isFaultShared = false;
  /** How often it has asked whether there are changes. */
  changesAsked = 0;
  /** What comes due while the process is stopped; undefined while it runs. */
  #stopped: (() => void)[] | undefined;
  readonly #world: FleetWorld;
  readonly #stop = new AbortController();
  readonly #crash = new AbortController();
  ringStreams: () => void = () => {};
  /** Of each stream that failed, lets another try of the same run fail. */
  readonly retries = new Map<string, () => void>();
  /** Tells it that something answers again. */
  recovered: () => void = () => {};

  constructor(world: FleetWorld, owner: string, options: Partial<FakeInstanceOptions>) {
    this.owner = owner;
    this.#world = world;
    const { streams = () => world.streams, isShared = true, onUnknownStreams } = options;
    const own = options.openFleet?.(this.#crashable());
    const poll = options.poll ?? own?.poll ?? POLL_OFTEN;
    const fleet = { ...this.#fleet(own), isShared, poll };
    const { selection } = options;
    const { clock } = world;
    this.rivals = selection === undefined
      ? undefined
      : new Rivals({ members: fleet.members, owner, selection, clock });
    this.outcome = coordinate({
      fleet,
      ...(this.rivals === undefined ? {} : { rivals: this.rivals }),
      self: { owner, instance: owner, version: "0.1.0" },
      streams,
      ...(onUnknownStreams === undefined ? {} : { onUnknownStreams }),
      onRecovered: (listener) => this.recovered = listener,
      onStreamsChanged: (listener) => this.ringStreams = listener,
      isFaultShared: () => this.isFaultShared,
      start: this.#start,
      timing: { ttlMs: TTL_MS, refreshMs: REFRESH_MS, retryMs: RETRY_MS },
      clock: this.#crashable(),
      random: world.random,
      observe: (event) => this.events.push(event),
    }, this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Nothing of it ever happens again. */
  crash(): void {
    this.#crash.abort();
  }

  /** Stops the process as SIGSTOP does. */
  freeze(): void {
    this.#stopped = [];
  }

  /** Lets it go on: all that came due meanwhile happens at once. */
  thaw(): void {
    const due = this.#stopped ?? [];
    this.#stopped = undefined;
    for (const action of due) action();
  }

  typesOf(...types: CoordinateEvent["type"][]): CoordinateEvent[] {
    return this.events.filter(({ type }) => types.includes(type));
  }

  /** The fleet as this instance reaches it. */
  #fleet(own: CoordinateOptions["fleet"] | undefined): CoordinateOptions["fleet"] {
    const met = () => own ?? this.#world.shared;
    const reach = <T extends object>(part: () => T): T =>
      new Proxy({} as T, {
        get: (_, name) => {
          const target = () => part() as Record<PropertyKey, (...args: unknown[]) => unknown>;
          if (target()[name] === undefined) return undefined;
          return (...args: unknown[]) => {
            if (this.#crash.signal.aborted) return new Promise(() => {});
            if (this.isStoreAway) return Promise.reject(new TransientError("the store is away"));
            return target()[name]!(...args);
          };
        },
      });
    const whole = reach(met);
    return {
      leases: reach(() => met().leases),
      members: reach(() => met().members),
      changes: () => {
        this.changesAsked++;
        return whole.changes();
      },
      isShared: true,
      poll: POLL_OFTEN,
    };
  }

  #crashable(): VirtualClock {
    const { clock } = this.#world;
    const crashed = this.#crash.signal;
    return new Proxy(clock, {
      get: (_, name) => {
        if (name !== "after") return Reflect.get(clock, name).bind(clock);
        return (delayMs: number, action: () => void): Timer => {
          let isCancelled = false;
          const run = () => crashed.aborted || isCancelled ? undefined : action();
          const timer = clock.after(delayMs, () => {
            if (this.#stopped === undefined) run();
            else this.#stopped.push(run);
          });
          const cancel = () => {
            isCancelled = true;
            timer.cancel();
          };
          return { cancel };
        };
      },
    });
  }

  readonly #start: StartStream = (stream, lease, stop, changed) => {
    const { clock, stretches } = this.#world;
    const { behaviour } = this;
    const stretch: Stretch = {
      stream,
      owner: this.owner,
      fromMs: clock.monotonicMs(),
      toMs: Infinity,
    };
    const ended = Promise.withResolvers<void>();
    const running = {
      condition: "opening" as StreamCondition,
      get needsConfiguration() {
        return behaviour.misconfigured;
      },
      isAlive: () => !behaviour.hangs,
      ended: ended.promise,
    };
    const set = (condition: StreamCondition) => {
      running.condition = condition;
      changed();
    };
    const end = () => {
      if (running.condition === "stopped") return;
      stretch.toMs = Math.min(stretch.toMs, clock.monotonicMs());
      set("stopped");
      ended.resolve();
    };
    stretches.push(stretch);
    this.#crash.signal.addEventListener("abort", () => stretch.toMs = clock.monotonicMs());
    lease.signal.addEventListener("abort", () => behaviour.hangs ? undefined : end());
    stop.addEventListener("abort", () => {
      clock.after(behaviour.drainMs, () => behaviour.hangs ? undefined : end());
    });
    queueMicrotask(() => {
      if (behaviour.finishes) return end();
      const fails = behaviour.failing.includes(stream);
      if (fails) stretch.toMs = clock.monotonicMs();
      if (fails) this.retries.set(stream, () => set("failed"));
      set(fails ? "failed" : "running");
    });
    return running;
  };
}
