import assert from "node:assert/strict";
import {
  type Adapters,
  compose,
  type Pipeline,
  type PipelineSettings,
} from "../../src/app/compose.ts";
import type { PipelineObserver } from "../../src/app/pipeline_observer.ts";
import { ChangeCounter } from "../../src/coordinate/memory/change_counter.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import type { HeldLease } from "../../src/coordinate/lease/leases.ts";
import { createMemoryOrders } from "../../src/coordinate/memory/memory_orders.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { LossLedger } from "../../src/journal/losses/loss_ledger.ts";
import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectSnapshots } from "../../src/journal/object_snapshots.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import type { NamespaceFilter, StreamSettings } from "../../src/model/settings.ts";
import type { PipelineEvent } from "../../src/pipeline/events.ts";
import type { MemoryBudget } from "../../src/pipeline/read/memory_budget.ts";
import type { RecordFormatChoice } from "../../src/pipeline/record/record_format.ts";
import type { StreamOptions } from "../../src/pipeline/stream_context.ts";
import { Boundary } from "./boundary.ts";
import { FrailEncoder } from "./frail_encoder.ts";
import { assertLossesTold } from "./loss_rule.ts";
import { type OutsideServices, reachServices } from "./outside_services.ts";
import { type ClockHabits, SimClock } from "./sim_clock.ts";
import type { SimWorld } from "./sim_world.ts";
import type { Targets } from "./targets.ts";
import { type Climate, SeededWeather } from "./weather.ts";
import { LOOK_MS, REFRESH_MS, RETRY_MS, TTL_MS } from "./sim_timing.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";

const NEWS_MS = 300;

/** A few of the collections of a world have more. */
const RANGE_DOCUMENTS_MAX = 8;

/** Less than there are streams, so that some wait. */
const LIMITS = { memoryBudgetBytes: 64 * 1024, openingsMax: 2, redosMax: 1 };

export interface InstanceChoice {
  readonly name: string;
  readonly targets: Targets;
  readonly settings: StreamSettings;
  readonly options: StreamOptions;
  readonly climate: Climate;
  readonly habits: ClockHabits;
  /** What it writes, and what it tells the others that it reads; nothing: it is of the version before. */
  readonly recordFormat: RecordFormatChoice;
  readonly recordVersion?: number;
  /** Whether the encoder loses what it has begun, asked once for each object. */
  readonly losesObject: () => boolean;
  readonly takesSnapshots: boolean;
  /** Whether it looks which streams people have paused. */
  readonly heedsOrders: boolean;
}

/** One running copy of the program, with everything outside of it behind a boundary. */
export class SimInstance {
  readonly name: string;
  readonly clock: SimClock;
  readonly weather: SeededWeather;
  readonly #losses: LossLedger;
  readonly #pipeline: Pipeline;
  readonly outside: OutsideServices;
  readonly encoder: FrailEncoder;
  readonly #world: SimWorld;
  readonly #choice: InstanceChoice;
  readonly #stop = new AbortController();
  #isKilled = false;
  #isEnded = false;
  #steppedBackMs = -Infinity;

  constructor(world: SimWorld, choice: InstanceChoice) {
    this.#world = world;
    this.#choice = choice;
    this.name = choice.name;
    this.clock = new SimClock(world.clock, choice.habits);
    this.encoder = new FrailEncoder(createInlineEncoder(this.clock), () => this.#losesObject());
    this.weather = new SeededWeather(
      world.random,
      choice.climate,
      world.outages,
      () => world.clock.monotonicMs(),
    );
    const boundary = new Boundary(choice.name, {
      world: world.clock,
      clock: this.clock,
      weather: this.weather,
      log: world.log,
      crash: () => this.kill(),
    });
    this.outside = reachServices(world, boundary);
    // Read past the boundary: it reads beside all else, and nothing depends on how long it takes.
    this.#losses = new LossLedger(world.lake, (_, error) => world.fail(error));
    const { signal } = this.#stop;
    this.#pipeline = compose(this.#adapters(), this.#settings(), this.#observer(), signal);
    world.log.add(this.name, "starts");
    this.#run().then(() => {
      this.#isEnded = true;
      world.rivalry.left(this.name);
      world.log.add(this.name, "ends");
    }, (error: unknown) => world.fail(error));
  }

  /** What it wants of the whole streams. */
  get selection(): NamespaceFilter {
    return this.#choice.settings.namespaces;
  }

  get budget(): MemoryBudget {
    return this.#pipeline.parts.budget;
  }

  /** By which change streams its streams are read. */
  readonly readers = () => this.#pipeline.reading.readers();

  get #isApart(): boolean {
    return this.#choice.targets.isApart === true;
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** It has stopped cleanly. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  kill(): void {
    this.#isKilled = true;
    this.#world.rivalry.left(this.name);
    this.clock.kill();
    this.outside.close();
  }

  /** As SIGTERM does. */
  stop(): void {
    if (!this.#stop.signal.aborted) this.#world.log.add(this.name, "is told to stop");
    this.#stop.abort(new DOMException("Stopped", "AbortError"));
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  stepWall(ms: number): void {
    this.clock.stepWall(ms);
    if (ms < 0) this.#steppedBackMs = this.#world.clock.monotonicMs();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    signal.addEventListener("abort", () => void this.#pipeline.close());
    // The program would end with an error and be started again.
    await this.#pipeline.look().catch(() => {});
    const outcome = await this.#pipeline.run(signal);
    this.#world.log.add(this.name, `ends: ${outcome}`);
    const { usedBytes } = this.budget;
    this.#world.check(() => assert.equal(usedBytes, 0, `${this.name} keeps bytes of the budget`));
    this.stop();
  }

  #adapters(): Adapters {
    const { source, namespaces, lake, destination, state, documents } = this.outside;
    const snapshots = createObjectSnapshots(lake);
    return {
      ...(this.#choice.takesSnapshots ? { documents, snapshots } : {}),
      ...{ source, namespaces, state, encoder: this.encoder },
      sink: createObjectSink(destination),
      journal: createObjectJournal(lake),
      layouts: createObjectLayouts(lake),
      coverage: createObjectCoverage(lake),
      fleet: this.#fleet(),
      losses: this.#losses,
      clock: this.clock,
      random: this.#world.random,
    };
  }

  #fleet(): Adapters["fleet"] {
    if (this.#isApart) return openFleet({ kind: "memory" }, this.clock, this.#world.random);
    const { leases, members, changes, poll } = this.outside;
    const orders = {
      ...createMemoryOrders(new ChangeCounter()),
      ...(this.#choice.heedsOrders ? { paused: () => this.outside.paused() } : {}),
    };
    return { leases, members, orders, changes, isShared: true, poll };
  }

  #settings(): PipelineSettings {
    const { targets, settings, options, recordVersion, recordFormat, takesSnapshots } =
      this.#choice;
    const owner = `${this.name}-${this.#world.random.uuid()}`;
    if (this.#isApart) this.#world.rivalry.joined(owner);
    const { whole, partitions, collections: named, listing } = targets;
    return {
      ...{ settings, options, whole, partitions, rangeDocumentsMax: RANGE_DOCUMENTS_MAX },
      snapshot: { kind: takesSnapshots ? "initial" : "off" },
      collections: { named, ...(listing === undefined ? {} : { filter: listing }) },
      self: {
        ...{ owner, instance: this.name, version: "sim" },
        ...(recordVersion === undefined ? {} : { recordVersion }),
      },
      limits: { ...LIMITS, recordFormat },
      timing: {
        ...{ ttlMs: TTL_MS, refreshMs: REFRESH_MS, retryMs: RETRY_MS },
        ...{ lookMs: LOOK_MS, newsMs: NEWS_MS },
      },
    };
  }

  #observer(): PipelineObserver {
    const { log } = this.#world;
    return {
      stream: ({ key }, event) => this.#observe(key, event),
      coordinate: (event) => {
        const { type, stream = "", reason = "" } = event as {
          type: string;
          stream?: string;
          reason?: string;
        };
        log.add(this.name, `${type} ${stream} ${reason}`);
      },
      coverage: ({ type }) => log.add(this.name, `coverage ${type}`),
      reading: ({ type, ...facts }) => log.add(this.name, `${type} ${Object.values(facts)}`),
      layoutDiffers: () => {},
      lookFailed: () => {}, // The next one may succeed.
      leased: (key, lease) => this.#watch(key, lease),
    };
  }

  #losesObject(): boolean {
    if (this.weather.isCalm || !this.#choice.losesObject()) return false;
    this.#world.log.add(this.name, "the encoder is to lose an object");
    return true;
  }

  /** The world looks whether two instances hold the same lease. */
  #watch(stream: string, lease: HeldLease): void {
    const world = this.#world;
    // A machine whose wall clock is set back while it sleeps cannot know how long it slept.
    const isFooled = () =>
      this.#isApart || this.#isKilled || this.clock.isPaused ||
      world.clock.monotonicMs() - Math.min(this.#steppedBackMs, this.clock.sleptMs) < TTL_MS * 3;
    world.held.add({ stream, instance: this.name, lease, isFooled });
  }

  #observe(key: string, event: PipelineEvent): void {
    if (event.type === "stream-failed" && event.permanent) {
      this.#world.sawPermanent = true;
      this.#world.refused.add(key);
    }
    if (event.type === "losses-known") {
      const { journals } = this.#world.inspector;
      this.#world.check(() => assertLossesTold(key, journals.get(key)?.records ?? [], event));
    }
    if (event.type === "source-opened") this.#world.refused.delete(key);
    const { seq, reason, error, kind } = event as {
      seq?: number;
      reason?: string;
      error?: string;
      kind?: string;
    };
    const details = [kind, seq, reason, error].filter((each) => each !== undefined).join(" ");
    this.#world.log.add(this.name, `${key} ${event.type} ${details}`);
  }
}
