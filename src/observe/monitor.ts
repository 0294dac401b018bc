/**
 * What the program knows of itself while it runs: fed by the events of its parts and by probes, read by HTTP. It decides
 * nothing, and nobody who asks it waits for the outside.
 */
import type { CoordinateEvent } from "../coordinate/events.ts";
import type { RefusedSettings } from "../coordinate/news.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import { isoTime } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { Wake } from "../support/flow/notify.ts";
import { isRangeKey } from "../model/snapshot.ts";
import { redact } from "../support/redact.ts";
import type { MonitorOptions } from "./monitor_options.ts";
import { DependencyLog } from "./log/dependency_log.ts";
import type { ReadingEvent } from "./log/reading_log.ts";
import { OplogLog, type OplogUse } from "./log/oplog_log.ts";
import {
  type DependencyFacts,
  type DependencyName,
  DependencyWatch,
} from "./status/dependency_watch.ts";
import { ServiceChanges } from "./status/service_changes.ts";
import { type Health, healthOf, type Readiness, readinessOf } from "./status/health.ts";
import {
  oplogHeadroomSeconds,
  oplogOf,
  type OplogReach,
  oplogWindowSeconds,
} from "./status/lag.ts";
import { Metrics } from "./metrics/metrics.ts";
import { PositionLookups } from "./status/position_lookups.ts";
import { EventCounts } from "./status/event_counts.ts";
import { RateHistory, type RatesOverTime, SAMPLE_MS } from "./status/rate_history.ts";
import { FleetLook, type OwnNews } from "./status/fleet_look.ts";
import { type KnownStream, KnownStreams, type PausedStream } from "./status/known_streams.ts";
import { samplesALook } from "./status/look_pace.ts";
import { type StageTime, StageTimes } from "./status/stage_times.ts";
import { type Status, statusOf } from "./status/status.ts";
import { type ObservedStream, StreamBoard } from "./status/stream_board.ts";
import { NO_READING, type ReadingFacts } from "./status/reading.ts";
import { failsEverybody, servicesAway } from "./status/service_news.ts";
import { streamNews } from "./status/stream_news.ts";

/** So long after a service or the leases went away or came back the fleet is looked at so often. */
const CHANGE_MS = 15_000;
const CHANGE_LOOK_MS = 1000;

export class Monitor implements AsyncDisposable {
  readonly #options: MonitorOptions;
  readonly #board: StreamBoard;
  readonly #known: KnownStreams;
  readonly #dependencyLog: DependencyLog;
  readonly #oplogLog: OplogLog;
  readonly #dependencies: DependencyWatch;
  readonly #changes: ServiceChanges;
  readonly #metrics: Metrics;
  readonly #rates = new RateHistory();
  readonly #counts = new EventCounts();
  readonly #stages: StageTimes;
  readonly #startedMs: number;
  readonly #lookups: PositionLookups | undefined;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  readonly #sampling: Promise<void>;
  #phase: "starting" | "running" | "stopping" = "starting";
  #reach: OplogReach | undefined;
  readonly #fleet: FleetLook | undefined;
  #address: string | undefined;
  /** Since when the leases cannot be reached, by both clocks, and why. */
  #away: { readonly atMs: number; readonly wallMs: number; readonly reason: string } | undefined;
  /** When a service or the leases last went away or came back, on the monotonic clock. */
  #changedMs = -Infinity;
  #leavesStreams = false;
  #wasReady: "last" | "before" | "never" = "never";

  /** Begins to probe and to sample at once. */
  constructor(options: MonitorOptions) {
    const { clock, probes, instance } = options;
    this.#options = options;
    this.#startedMs = clock.wallMs();
    this.#board = new StreamBoard(clock);
    this.#stages = new StageTimes(clock);
    const { fleet, leaseTtlMs = Infinity } = options;
    this.#fleet = fleet && new FleetLook(fleet, options.leaseTtlMs ?? 0, clock);
    this.#known = new KnownStreams({
      owner: instance.id,
      board: this.#board,
      fleet: () => this.#fleet?.facts,
      paused: () => this.#paused(),
      wanted: () => options.wanted?.() ?? [],
      leaseTtlMs,
      clock,
    });
    this.#dependencyLog = new DependencyLog(options.log ?? silentLog, clock);
    this.#oplogLog = new OplogLog(options.log ?? silentLog);
    this.#changes = new ServiceChanges(clock);
    this.#dependencies = new DependencyWatch(
      { ...probes, mongodb: async (signal) => this.#reach = await probes.mongodb(signal) },
      clock,
      {
        ...(options.workProbes === undefined ? {} : { work: options.workProbes }),
        ...(options.addresses === undefined ? {} : { addresses: options.addresses }),
        ...(options.recovered === undefined ? {} : { recovered: options.recovered }),
        told: (name, facts) => this.#serviceTold(name, facts),
        isNeeded: (name) => name === "destination" && this.#board.hasWork,
      },
    );
    this.#metrics = new Metrics({
      ...this.#healthSources(),
      prefix: options.metricsPrefix,
      everywhere: {
        instance_id: instance.id,
        instance_name: instance.name,
        pipeline: instance.pipeline,
      },
      version: instance.version,
      budget: options.budget,
      tables: options.tables,
      unheldLosses: () => this.isFirst ? options.unheldLosses?.() ?? [] : [],
      pausedCount: () => this.isFirst ? [...this.#paused()].length : 0,
      snapshots: () => this.isFirst ? options.snapshots?.() ?? [] : [],
    });
    const { positionOf } = options;
    this.#lookups = positionOf && new PositionLookups(positionOf, clock);
    this.#wake = new Wake(clock);
    this.#sampling = this.#sampleAgainAndAgain();
  }

  /** `running` once streams may be taken, `stopping` after the order to stop. */
  setPhase(phase: "running" | "stopping"): void {
    this.#phase = phase;
  }

  /** Where this instance's HTTP server listens. */
  setAddress(address: string | undefined): void {
    this.#address = address;
  }

  pipelineEvent(stream: ObservedStream, event: PipelineEvent): void {
    // A range of a snapshot is no stream: its rows are of one time, and it ends.
    if (!isRangeKey(stream.key)) this.#takeOfStream(stream, event);
    this.#metrics.pipelineEvent(event);
    switch (event.type) {
      case "reply-read":
        if (event.isSecondHand) return;
        return this.#dependencies.succeeded("mongodb");
      case "source-opened":
        return this.#dependencies.succeeded("mongodb");
      case "source-lost":
        return this.#dependencies.failed("mongodb", event.reason);
      case "record-appended":
      case "object-stored":
        return this.#dependencies.succeeded("destination");
      case "stream-failed":
        return this.#dependencies.probeSoon();
      default:
        return;
    }
  }

  #takeOfStream(stream: ObservedStream, event: PipelineEvent): void {
    const facts = this.#board.stream(stream.key);
    this.#board.take(stream, event, this.#dependencies.servesStreams);
    if (event.type === "stream-stopped" && facts !== undefined) this.#known.stopped(facts);
    this.#stages.take(event);
  }

  coordinateEvent(event: CoordinateEvent): void {
    this.#metrics.coordinateEvent(event);
    if (event.type === "store-away") {
      const { clock } = this.#options;
      const { reason } = event;
      this.#away = { atMs: clock.monotonicMs(), wallMs: clock.wallMs(), reason };
    }
    if (event.type === "rival-changed") this.#leavesStreams = event.reason !== "";
    if (event.type === "store-back") {
      this.#away = undefined;
      this.#changedMs = this.#options.clock.monotonicMs();
      this.#wake.ring();
    }
    if (event.type === "lock-lost") this.#lostLease(event.stream);
    switch (event.type) {
      case "lock-acquired":
      case "locks-refreshed":
      case "store-back":
        return this.#dependencies.succeeded("redis");
      case "failing-changed":
        return this.#board.keepFailing(event.streams);
      case "store-away":
        return this.#dependencies.failed("redis", event.reason, event.refuses);
      case "lock-refresh-failed":
        if (event.hangs) return;
        return this.#dependencies.failed("redis", event.reason, event.refuses);
      default:
        return;
    }
  }

  /** Of change streams that many streams share. */
  readingEvent(event: ReadingEvent): void {
    this.#metrics.readingEvent(event);
    if (event.type === "group-lost") this.#dependencies.failed("mongodb", event.reason);
    if (event.type === "group-read") this.#dependencies.succeeded("mongodb");
  }

  #lostLease(key: string): void {
    const facts = this.#board.stream(key);
    if (facts !== undefined) this.#known.stopped(facts);
    this.#board.lostLease(key);
  }

  /** A request to the destination failed; `again`: it will be repeated; `refuses`: a person must mend it. */
  destinationFailed(reason: string, again: boolean, refuses = false, key = ""): void {
    this.#metrics.destinationFailed(again, key);
    this.#dependencies.failed("destination", reason, refuses);
  }

  /** Whether what fails streams here now fails them at all other instances, too. */
  get isFaultShared(): boolean {
    const { id } = this.#options.instance;
    const others = this.#fleet?.facts?.view.instances ?? [];
    return failsEverybody(this.#dependencies.facts, others.filter((other) => other.id !== id));
  }

  /** Something that others should hear has changed: they are told at once. */
  tellSoon(): void {
    this.#wake.ring();
  }

  /** The keys of the streams that some instance has, which tells of them. */
  get heldStreams(): ReadonlySet<string> {
    return this.#known.held();
  }

  health(): Health & { readonly instance_id: string; readonly version: string } {
    const { id, version } = this.#options.instance;
    const { status, processing_status, dependencies } = healthOf(this.#healthSources());
    return { status, processing_status, instance_id: id, version, dependencies };
  }

  readiness(): Readiness {
    const readiness = readinessOf(this.#healthSources());
    if (readiness.ready) this.#wasReady = "last";
    else if (this.#wasReady === "last") this.#wasReady = "before";
    return readiness;
  }

  status(): Status {
    return statusOf({
      ...this.#healthSources(),
      instance: {
        ...this.#options.instance,
        startedMs: this.#startedMs,
        address: this.#address,
        ...this.#refusedSettings(),
      },
      budget: this.#options.budget,
      ...{ snapshots: this.#options.snapshots ?? (() => []), tables: this.#options.tables },
      rates: this.#rates,
      fleet: () => this.#fleet?.facts,
      meetingAway: () => this.#away,
    });
  }

  /** How long each stage of this instance's streams took in the last minutes. */
  stageTimes(): readonly StageTime[] {
    return this.#stages.now;
  }

  /** The last hour of all streams together, and of those with these keys. */
  ratesOverTime(keys: readonly string[]): RatesOverTime {
    return this.#rates.overTime(keys, this.#options.clock.monotonicMs());
  }

  metrics(accept: string | null): ReturnType<Metrics["render"]> {
    return this.#metrics.render(accept);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("The program ends"));
    this.#wake.ring();
    await this.#sampling;
    await this.#dependencies[Symbol.asyncDispose]();
    this.#dependencyLog[Symbol.dispose]();
  }

  /** The others, and who asks them, learn of a change at once. */
  #serviceTold(name: DependencyName, facts: DependencyFacts): void {
    this.#dependencyLog.take(name, facts);
    if (!this.#changes.isNews(name, facts)) return;
    this.#changedMs = this.#options.clock.monotonicMs();
    this.#wake.ring();
  }

  #paused(): Iterable<PausedStream> {
    return this.#options.paused?.() ?? [];
  }

  /** One of all that share the streams counts what is the same for all of them: whether it is this one. */
  get isFirst(): boolean {
    const { id } = this.#options.instance;
    const others = this.#fleet?.facts?.view.instances ?? [];
    return others.every((other) => id <= other.id || other.silence !== undefined);
  }

  #refusedSettings(): { readonly refusedSettings?: RefusedSettings } {
    const refused = this.#options.refusedSettings?.();
    if (refused === undefined) return {};
    return {
      refusedSettings: { since: isoTime(refused.atMs), reason: redact(refused.reason) },
    };
  }

  #reading(): ReadingFacts {
    return this.#options.reading?.() ?? NO_READING;
  }

  #healthSources() {
    const { loops, readyMaxLagMs, batchAgeMsMax, leaseTtlMs = Infinity, clock } = this.#options;
    return {
      board: this.#board,
      known: () => this.#known.all(),
      isMeetingAway: () => this.#away !== undefined,
      leavesStreams: () => this.#leavesStreams,
      dependencies: this.#dependencies,
      loops,
      reach: () => this.#reach,
      reading: () => this.#reading(),
      phase: () => this.#phase,
      wasReady: this.#wasReady,
      readyMaxLagMs,
      readyMaxLakeLagMs: () => readyMaxLagMs + (batchAgeMsMax?.() ?? 0),
      leaseTtlMs,
      meetingAwayMs: () => this.#away === undefined ? 0 : clock.monotonicMs() - this.#away.atMs,
      clock,
    };
  }

  async #sampleAgainAndAgain(): Promise<void> {
    const { clock } = this.#options;
    let [sampleMs, knownMs] = [-Infinity, -Infinity];
    while (!this.#stop.signal.aborted) {
      await this.#lookAtFleet();
      const nowMs = clock.monotonicMs();
      if (nowMs >= sampleMs) {
        const [fleet, { id }] = [this.#fleet?.facts?.view.streams ?? [], this.#options.instance];
        this.#rates.sample(this.#counts.count(fleet, this.#board.streams, id), nowMs);
        if (nowMs >= knownMs) {
          const known = this.#known.all();
          // Nothing waits for it: the destination may be away.
          void this.#lookups?.look(known, this.#stop.signal, (...at) => this.#known.found(...at));
          this.#lookAtOplog(known);
          knownMs = nowMs + SAMPLE_MS * samplesALook(known.length);
        }
        sampleMs = nowMs + SAMPLE_MS;
      }
      await this.#wake.wait(
        Math.min(sampleMs - nowMs, this.#isChanging() ? CHANGE_LOOK_MS : Infinity),
      );
    }
  }

  /** Streams fail or are taken anew, others notice the same, and what is seen is old within a second. */
  #isChanging(): boolean {
    return this.#options.clock.monotonicMs() - this.#changedMs < CHANGE_MS;
  }

  /** Of what nobody has, one instance tells. */
  #lookAtOplog(known: readonly KnownStream[]): void {
    const isFirst = this.isFirst;
    const uses: OplogUse[] = [];
    for (const { key, name, holder, isPaused, times } of known) {
      if (holder !== "here" && !(holder === "nobody" && isFirst)) continue;
      const leftSeconds = oplogHeadroomSeconds(times.durable, this.#reach);
      uses.push({ key, name, isPaused, leftSeconds });
    }
    this.#oplogLog.take(uses, oplogWindowSeconds(this.#reach));
  }

  async #lookAtFleet(): Promise<void> {
    if (this.#fleet?.isDue !== true) return;
    try {
      await this.#fleet.look(() => this.#ownNews(), this.#stop.signal);
      this.#dependencies.succeeded("redis");
    } catch {
      this.#dependencies.probeSoon();
    }
  }

  #ownNews(): OwnNews {
    const reading = this.#reading();
    const streams = streamNews(this.#board.streams, this.#options.clock.wallMs(), reading);
    const changeStreams = reading.readers.length;
    const away = servicesAway(this.#dependencies.facts);
    const oplog = oplogOf(this.#reach);
    return { streams, away, changeStreams, ...oplog && { oplog }, ...this.#refusedSettings() };
  }
}
