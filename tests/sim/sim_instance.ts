import { ChangeCounter } from "../../src/coordinate/change_counter.ts";
import { createMemoryLeaseStore } from "../../src/coordinate/memory_lease_store.ts";
import { createMemoryMembers } from "../../src/coordinate/memory_members.ts";
import { Rivals } from "../../src/coordinate/rivals.ts";
import { coordinate } from "../../src/coordinate/coordinator.ts";
import type { HeldLease } from "../../src/coordinate/leases.ts";
import type { RunningStream, StartStream } from "../../src/coordinate/held_stream.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { LossLedger } from "../../src/journal/loss_ledger.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import type { NamespaceFilter, StreamSettings } from "../../src/model/settings.ts";
import { selectionOf } from "../../src/model/selection.ts";
import { LayoutNews } from "../../src/pipeline/layout_news.ts";
import { MemoryBudget } from "../../src/pipeline/memory_budget.ts";
import type { PipelineEvent } from "../../src/pipeline/events.ts";
import type { Layouts } from "../../src/pipeline/stages.ts";
import { FleetRecordFormat, type RecordFormatChoice } from "../../src/pipeline/record_format.ts";
import type { StreamCatalog } from "../../src/pipeline/stream_catalog.ts";
import type { StreamContext, StreamOptions } from "../../src/pipeline/stream_context.ts";
import { superviseStream } from "../../src/pipeline/supervise_stream.ts";
import { type Clock, sleep } from "../../src/support/clock.ts";
import { Limiter } from "../../src/support/limited.ts";
import { Boundary } from "./boundary.ts";
import { FrailEncoder } from "./frail_encoder.ts";
import { type OutsideServices, reachServices } from "./outside_services.ts";
import { assertLossesTold } from "./loss_rule.ts";
import { simCatalog } from "./sim_catalog.ts";
import { type ClockHabits, SimClock } from "./sim_clock.ts";
import type { SimWorld } from "./sim_world.ts";
import type { Targets } from "./targets.ts";
import { type Climate, SeededWeather } from "./weather.ts";

/** How leases are taken; small, so that much happens in little time. */
export const TTL_MS = 10_000;
export const REFRESH_MS = 3000;
export const RETRY_MS = 2000;

/** How soon a new layout is noticed at the latest. */
export const CATALOG_MS = 5000;

const BUDGET_BYTES = 64 * 1024;
/** Fewer than there are streams, so that some wait. */
const OPENINGS_MAX = 2;
const REDOS_MAX = 1;

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
  /** Whether it looks which streams people have paused. */
  readonly heedsOrders: boolean;
}

/** What an instance knows of others where it does not know of any. */
function fleetOfOne(clock: Clock) {
  const changes = new ChangeCounter();
  return {
    leases: createMemoryLeaseStore(clock, changes),
    members: createMemoryMembers(clock, changes),
    isShared: false,
  };
}

/** One running copy of the program, composed as the program is, with everything outside of it behind a boundary. */
export class SimInstance {
  readonly name: string;
  readonly clock: SimClock;
  readonly weather: SeededWeather;
  readonly budget = new MemoryBudget(BUDGET_BYTES);
  readonly #openings = new Limiter(OPENINGS_MAX);
  readonly #redos = new Limiter(REDOS_MAX);
  readonly #layouts: Layouts;
  readonly #layoutNews: LayoutNews;
  readonly #losses: LossLedger;
  readonly outside: OutsideServices;
  readonly encoder: FrailEncoder;
  readonly #world: SimWorld;
  readonly #choice: InstanceChoice;
  readonly #recordFormat: FleetRecordFormat;
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
    this.#recordFormat = new FleetRecordFormat(this.clock, choice.recordFormat);
    this.#layouts = createObjectLayouts(this.outside.destination);
    this.#layoutNews = new LayoutNews(this.#layouts, this.clock);
    // Read past the boundary: it reads beside all else, and nothing depends on how long it takes.
    this.#losses = new LossLedger(world.lake, (_, error) => world.fail(error));
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
    const news = { come: () => {} };
    const catalog = this.#catalog(() => news.come());
    const stop = this.#stop.signal;
    // The program would end with an error and be started again.
    await catalog.refresh().catch(() => {});
    let changed = () => {};
    const refresh = () => catalog.refresh().then(() => changed(), () => {}); // The next one may succeed.
    news.come = () => void refresh();
    const refreshing = this.#keepRefreshing(refresh);
    let paused: ReadonlySet<string> = new Set();
    const followOrders = async () => void (paused = await this.outside.paused());
    const owner = `${this.name}-${this.#world.random.uuid()}`;
    if (this.#isApart) this.#world.rivalry.joined(owner);
    const fleet = this.#isApart ? fleetOfOne(this.clock) : { ...this.outside, isShared: true };
    const { members } = fleet;
    const selection = selectionOf(this.#choice.settings);
    const rivals = new Rivals({ members, owner, selection, clock: this.clock });
    const outcome = await coordinate({
      fleet,
      rivals,
      self: {
        owner,
        instance: this.name,
        version: "sim",
        ...(this.#choice.recordVersion === undefined
          ? {}
          : { recordVersion: this.#choice.recordVersion }),
      },
      onMembers: (members) => this.#recordFormat.noteMembers(members),
      ...(this.#choice.heedsOrders ? { refresh: followOrders } : {}),
      streams: () => [...catalog.streams.keys()].filter((key) => !paused.has(key)),
      onStreamsChanged: (listener) => changed = listener,
      start: this.#starter(catalog, refresh, rivals),
      timing: { ttlMs: TTL_MS, refreshMs: REFRESH_MS, retryMs: RETRY_MS },
      clock: this.clock,
      random: this.#world.random,
      observe: (event) => {
        const { type, stream = "", reason = "" } = event as {
          type: string;
          stream?: string;
          reason?: string;
        };
        this.#world.log.add(this.name, `${type} ${stream} ${reason}`);
      },
    }, stop);
    this.#world.log.add(this.name, `ends: ${outcome}`);
    this.stop();
    await refreshing;
  }

  async #keepRefreshing(refresh: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await sleep(this.clock, CATALOG_MS, signal).then(refresh, () => {});
    }
  }

  #catalog(changed: () => void): StreamCatalog {
    const { outside } = this;
    const { targets, settings, options } = this.#choice;
    return simCatalog({
      targets,
      settings,
      options,
      source: outside.source,
      namespaces: outside.namespaces,
      destination: outside.destination,
      clock: this.clock,
      random: this.#world.random,
      changed,
      note: (what) => this.#world.log.add(this.name, what),
      journal: createObjectJournal(outside.destination),
      layouts: this.#layouts,
      layoutNews: this.#layoutNews,
      signal: this.#stop.signal,
    });
  }

  #starter(catalog: StreamCatalog, refresh: () => Promise<void>, rivals: Rivals): StartStream {
    const { clock, outside, budget } = this;
    const { settings, options } = this.#choice;
    const shared = {
      settings,
      options,
      source: outside.source,
      encoder: this.encoder,
      journal: createObjectJournal(outside.destination),
      layouts: this.#layouts,
      layoutNews: this.#layoutNews,
      losses: this.#losses,
      destination: outside.destination,
      state: outside.state,
      recordFormat: this.#recordFormat,
      budget,
      openings: this.#openings,
      redos: this.#redos,
      clock,
      random: this.#world.random,
    } satisfies Partial<StreamContext>;
    const rivalOf = async (key: string): Promise<string | undefined> => {
      const rival = await rivals.ask(key);
      if (rival !== undefined) void refresh();
      return rival;
    };
    return (key, lease, stop, changed): RunningStream => {
      this.#watch(key, lease);
      const stream = catalog.streams.get(key)!;
      const observe = (event: PipelineEvent) => this.#observe(key, event);
      const context = { ...shared, stream, key, observe, rivalOf };
      const supervised = superviseStream(() => context, lease, stop, changed);
      // What follows a stream that is closed is to begin soon.
      void supervised.ended.then(() => supervised.condition === "closed" ? refresh() : undefined);
      return {
        get condition() {
          return supervised.condition === "closed" ? "stopped" : supervised.condition;
        },
        isAlive() {
          const turnedMs = supervised.run?.lastTurnMs;
          return turnedMs === undefined || clock.monotonicMs() - turnedMs < TTL_MS;
        },
        ended: supervised.ended,
      };
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
