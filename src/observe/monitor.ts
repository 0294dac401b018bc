/**
 * What the program knows of itself while it runs: fed by the events of its parts and by probes, read by HTTP. It decides
 * nothing, and nobody who asks it waits for the outside.
 */
import type { CoordinateEvent } from "../coordinate/events.ts";
import type { RefusedSettings } from "../coordinate/news.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import type { SnapshotState } from "../pipeline/snapshot/snapshot_catalog.ts";
import { callWithin } from "../support/flow/call_within.ts";
import { type Clock, isoTime } from "../support/clock.ts";
import { type Log, silentLog } from "../support/log.ts";
import { Wake } from "../support/flow/notify.ts";
import { isRangeKey } from "../model/snapshot.ts";
import { redact } from "../support/redact.ts";
import { DependencyLog } from "./log/dependency_log.ts";
import { OplogLog } from "./log/oplog_log.ts";
import {
  type DependencyFacts,
  type DependencyName,
  DependencyWatch,
  type Probes,
} from "./status/dependency_watch.ts";
import { ServiceChanges } from "./status/service_changes.ts";
import type { FleetSource } from "./status/fleet.ts";
import {
  type Health,
  healthOf,
  type LoopTurn,
  type Readiness,
  readinessOf,
} from "./status/health.ts";
import {
  oplogHeadroomSeconds,
  oplogOf,
  type OplogReach,
  oplogWindowSeconds,
} from "./status/lag.ts";
import { type BudgetUse, Metrics } from "./metrics/metrics.ts";
import { type PositionLookup, PositionLookups } from "./status/position_lookups.ts";
import { eventCounts, RateHistory, type RatesOverTime, SAMPLE_MS } from "./status/rate_history.ts";
import { type FleetFacts, KnownStreams, withoutRanges } from "./status/known_streams.ts";
import { type StageTime, StageTimes } from "./status/stage_times.ts";
import { type InstanceFacts, type Status, statusOf } from "./status/status.ts";
import { type ObservedStream, StreamBoard } from "./status/stream_board.ts";
import { servicesAway } from "./status/service_news.ts";
import { streamNews } from "./status/stream_news.ts";

export interface MonitorOptions {
  readonly instance: Omit<InstanceFacts, "startedMs">;
  readonly metricsPrefix: string;
  readonly readyMaxLagMs: number;
  /** How old a batch may grow before it is stored, as the settings say now. Default: 0. */
  readonly batchAgeMsMax?: () => number;
  /** How long a lease lives without a refresh. Default: for ever. */
  readonly leaseTtlMs?: number;
  readonly budget: BudgetUse;
  /** The loops whose turning says that the program lives. */
  readonly loops: () => Iterable<LoopTurn>;
  /** Streams that were told to pause. Default: none. */
  readonly paused?: () => Iterable<ObservedStream>;
  /** Streams that are to run, whoever has them. Default: those that run here. */
  readonly wanted?: () => Iterable<ObservedStream>;
  /** Where a stream's journal ends. Default: nobody can be asked. */
  readonly positionOf?: PositionLookup;
  readonly snapshots?: () => readonly SnapshotState[];
  /** The settings that were read again last, if they were refused. Default: they were not. */
  readonly refusedSettings?: () => { readonly atMs: number; readonly reason: string } | undefined;
  readonly probes: MonitorProbes;
  /** How a service is asked again after it has failed at its work. Default: as ever. */
  readonly workProbes?: Probes;
  /** Is told when a service answers again after it was away. Default: nobody is. */
  readonly recovered?: (name: DependencyName) => void;
  /** Where it is said that a service goes away or comes back. Default: nowhere. */
  readonly log?: Log;
  /** The view of all instances. Default: this one is alone. */
  readonly fleet?: FleetSource;
  readonly clock: Clock;
}

/** How the services are asked whether they live; no `redis` where there is none. */
export interface MonitorProbes extends Probes {
  readonly mongodb: (signal: AbortSignal) => Promise<OplogReach>;
}

/** So long the fleet's view may take; then the last one is shown on. */
const FLEET_TIMEOUT_MS = 3000;

/** So long after the leases could not be reached the fleet is looked at so often. */
const RETURN_MS = 15_000;
const RETURN_LOOK_MS = 1000;

/** What was not told again when it was due so many times is of an instance that is gone. */
const NEWS_MISSED_MAX = 6;

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
  readonly #stages: StageTimes;
  readonly #startedMs: number;
  readonly #lookups: PositionLookups | undefined;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  readonly #sampling: Promise<void>;
  #phase: "starting" | "running" | "stopping" = "starting";
  #reach: OplogReach | undefined;
  #fleet: FleetFacts | undefined;
  #address: string | undefined;
  /** Since when the leases cannot be reached, by both clocks, and why. */
  #away: { readonly atMs: number; readonly wallMs: number; readonly reason: string } | undefined;
  /** When the leases could last be reached again, on the monotonic clock. */
  #backMs = -Infinity;
  #leavesStreams = false;

  /** Begins to probe and to sample at once. */
  constructor(options: MonitorOptions) {
    const { clock, probes, instance } = options;
    this.#options = options;
    this.#startedMs = clock.wallMs();
    this.#board = new StreamBoard(clock);
    this.#stages = new StageTimes(clock);
    this.#known = new KnownStreams({
      owner: instance.id,
      board: this.#board,
      fleet: () => this.#fleet,
      paused: () => this.#paused(),
      wanted: () => options.wanted?.() ?? [],
      leaseTtlMs: options.leaseTtlMs ?? Infinity,
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
      pausedCount: () => this.#isFirst() ? [...this.#paused()].length : 0,
    });
    const { positionOf } = options;
    this.#lookups = positionOf === undefined ? undefined : new PositionLookups(positionOf, clock);
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
      case "source-opened":
      case "reply-read":
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
      this.#backMs = this.#options.clock.monotonicMs();
      this.#wake.ring();
    }
    switch (event.type) {
      case "lock-acquired":
      case "lock-refreshed":
      case "store-back":
        return this.#dependencies.succeeded("redis");
      case "failing-changed":
        return this.#board.keepFailing(event.streams);
      case "store-away":
      case "lock-refresh-failed":
        return this.#dependencies.failed("redis", event.reason);
      default:
        return;
    }
  }

  /** A request to the destination failed; `again`: it will be repeated; `refuses`: a person must mend it. */
  destinationFailed(reason: string, again: boolean, refuses = false, key = ""): void {
    this.#metrics.destinationFailed(again, key);
    this.#dependencies.failed("destination", reason, refuses);
  }

  health(): Health & { readonly instance_id: string; readonly version: string } {
    const { id, version } = this.#options.instance;
    const { status, processing_status, dependencies } = healthOf(this.#healthSources());
    return { status, processing_status, instance_id: id, version, dependencies };
  }

  readiness(): Readiness {
    return readinessOf(this.#healthSources());
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
      snapshots: this.#options.snapshots ?? (() => []),
      rates: this.#rates,
      fleet: () => this.#fleet,
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
    if (this.#changes.isNews(name, facts)) this.#wake.ring();
  }

  #paused(): Iterable<ObservedStream> {
    return this.#options.paused?.() ?? [];
  }

  /** One of all that share the streams counts what is the same for all of them. */
  #isFirst(): boolean {
    const { id } = this.#options.instance;
    const others = this.#fleet?.view.instances ?? [];
    return others.every((other) => id <= other.id);
  }

  #refusedSettings(): { readonly refusedSettings?: RefusedSettings } {
    const refused = this.#options.refusedSettings?.();
    if (refused === undefined) return {};
    return {
      refusedSettings: { since: isoTime(refused.atMs), reason: redact(refused.reason) },
    };
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
      phase: () => this.#phase,
      readyMaxLagMs,
      readyMaxLakeLagMs: () => readyMaxLagMs + (batchAgeMsMax?.() ?? 0),
      leaseTtlMs,
      meetingAwayMs: () => this.#away === undefined ? 0 : clock.monotonicMs() - this.#away.atMs,
      clock,
    };
  }

  async #sampleAgainAndAgain(): Promise<void> {
    const { clock } = this.#options;
    let sampleMs = -Infinity;
    while (!this.#stop.signal.aborted) {
      await this.#lookAtFleet();
      const nowMs = clock.monotonicMs();
      if (nowMs >= sampleMs) {
        const fleet = this.#fleet?.view.streams ?? [];
        this.#rates.sample(
          eventCounts(fleet, this.#board.streams, this.#options.instance.id),
          nowMs,
        );
        this.#askForPositions();
        this.#lookAtOplog();
        sampleMs = nowMs + SAMPLE_MS;
      }
      const lookMs = this.#isReturning() ? RETURN_LOOK_MS : Infinity;
      await this.#wake.wait(Math.min(sampleMs - nowMs, lookMs));
    }
  }

  /** All streams are taken anew, and what is seen is old within a second. */
  #isReturning(): boolean {
    return this.#options.clock.monotonicMs() - this.#backMs < RETURN_MS;
  }

  /** Nothing waits for it: the destination may be away. */
  #askForPositions(): void {
    const found = (key: string, position: ClusterTime) => this.#known.found(key, position);
    void this.#lookups?.look(this.#known.all(), this.#stop.signal, found);
  }

  /** Of what nobody has, one instance tells. */
  #lookAtOplog(): void {
    const isFirst = this.#isFirst();
    const uses = this.#known.all().flatMap(({ key, name, holder, isPaused, times }) => {
      if (holder !== "here" && !(holder === "nobody" && isFirst)) return [];
      const leftSeconds = oplogHeadroomSeconds(times.durable, this.#reach);
      return [{ key, name, isPaused, leftSeconds }];
    });
    this.#oplogLog.take(uses, oplogWindowSeconds(this.#reach));
  }

  /** Takes a new view of the fleet; where there is none to be had, the last one grows old in sight of all. */
  async #lookAtFleet(): Promise<void> {
    const { fleet, clock } = this.#options;
    if (fleet === undefined) return;
    const everyMs = Math.max(SAMPLE_MS, fleet.everyMs ?? 0);
    const ageMs = clock.monotonicMs() - (this.#fleet?.takenMs ?? -Infinity);
    if (everyMs > SAMPLE_MS && ageMs < everyMs - SAMPLE_MS / 2) return;
    try {
      const ask = async (signal: AbortSignal) => {
        const streams = streamNews(this.#board.streams, clock.wallMs());
        const away = servicesAway(this.#dependencies.facts);
        const oplog = oplogOf(this.#reach);
        const refused = this.#refusedSettings();
        const news = { streams, away, ...oplog && { oplog }, ...refused };
        await fleet.tell(news, NEWS_MISSED_MAX * everyMs);
        return await fleet.view(signal);
      };
      const view = withoutRanges(await callWithin(clock, FLEET_TIMEOUT_MS, this.#stop.signal, ask));
      this.#fleet = { view, atMs: clock.wallMs(), takenMs: clock.monotonicMs() };
      this.#dependencies.succeeded("redis");
    } catch {
      this.#dependencies.probeSoon();
    }
  }
}
