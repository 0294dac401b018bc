import type { CoordinateEvent } from "../../coordinate/events.ts";
import { namespaceOfKey } from "../../model/keys/key_namespace.ts";
import type { PipelineEvent } from "../../pipeline/events.ts";
import {
  collectionLabels,
  countCoordinateEvent,
  countPipelineEvent,
  countReadingEvent,
} from "./count_event.ts";
import type { KnownSnapshot } from "../../pipeline/snapshot/snapshot_catalog.ts";
import type { ReadingEvent } from "../log/reading_log.ts";
import { failingStreams } from "../status/failing_streams.ts";
import { healthOf, type HealthSources, slowestLoopMs } from "../status/health.ts";
import { createInstruments, type EverywhereLabels, type Instruments } from "./instruments.ts";
import { LabelLimit, OTHER } from "./label_limit.ts";
import { oplogHeadroomSeconds, oplogWindowSeconds, secondsSince } from "../status/lag.ts";
import { OPEN_METRICS_CONTENT_TYPE, toOpenMetrics, wantsOpenMetrics } from "./open_metrics.ts";
import { countByReason } from "../status/reading.ts";
import { measureSnapshots } from "./snapshot_gauges.ts";
import { type KeptTables, measureTables } from "./table_gauges.ts";
import { measureLosses, type UnheldLosses } from "./loss_gauges.ts";
import { addRigatoniMetrics, RIGATONI_PREFIX } from "./rigatoni_metrics.ts";

/** Collections with labels of their own; what comes later is counted together. */
const COLLECTIONS_MAX = 500;

/** Streams with labels of their own; of the others the worst is shown. */
const STREAMS_MAX = 1000;

/** The memory budget as metrics see it. */
export interface BudgetUse {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

export interface MetricsOptions extends HealthSources {
  readonly prefix: string;
  readonly everywhere: EverywhereLabels;
  readonly version: string;
  readonly budget: BudgetUse;
  /** What is lost of streams that nobody has, on the one instance that tells it. */
  readonly unheldLosses: () => readonly UnheldLosses[];
  /** The tables that this instance keeps. */
  readonly tables: KeptTables | undefined;
  /** How many streams were told to pause, on the one instance that counts them; 0 on the others. */
  readonly pausedCount: () => number;
  /** How far snapshots are, on that instance. */
  readonly snapshots: () => readonly KnownSnapshot[];
}

/** All metrics of the process, fed by events and, when they are read, by what is kept of the streams. */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #instruments: Instruments;
  readonly #collections = new LabelLimit(COLLECTIONS_MAX);
  readonly #streams = new LabelLimit(STREAMS_MAX);
  readonly #tables = new LabelLimit(STREAMS_MAX);
  readonly #locks = new Set<string>();

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#instruments = createInstruments(options);
    const { gauges, counters, registers } = this.#instruments;
    if (options.prefix === RIGATONI_PREFIX) {
      const streams = () => options.board.streams;
      const processing = () => healthOf(options).processing_status;
      addRigatoniMetrics(registers, { counters, streams, processing });
    }
    gauges.build_info.set({ version: options.version }, 1);
    gauges.memory_budget_bytes.set(options.budget.limitBytes);
    gauges.instances.set(1);
    const ofNone = { database: "", collection: "" };
    counters.write_errors_total.inc(ofNone, 0);
    this.#instruments.histograms.batch_size.zero(ofNone);
    // What can be counted is shown as 0 before it first happens: `increase()` sees the first time too.
    for (const stage of ["source", "stream", "destination"]) {
      counters.retries_total.inc({ stage }, 0);
    }
    for (const reason of ["held", "error"]) {
      counters.lock_acquisition_failures_total.inc({ reason }, 0);
    }
    for (const reason of ["slow", "failed"]) counters.streams_read_alone_total.inc({ reason }, 0);
    for (const permanent of ["true", "false"]) counters.stream_failures_total.inc({ permanent }, 0);
  }

  pipelineEvent(event: PipelineEvent): void {
    countPipelineEvent(this.#instruments, event, this.#collections);
  }

  readingEvent(event: ReadingEvent): void {
    countReadingEvent(this.#instruments, event);
  }

  coordinateEvent(event: CoordinateEvent): void {
    countCoordinateEvent(this.#instruments, event);
    switch (event.type) {
      case "lock-acquired":
        this.#locks.add(event.stream);
        break;
      case "lock-released":
      case "lock-release-failed":
      case "lock-lost":
        this.#locks.delete(event.stream);
        break;
      case "members-changed":
        this.#instruments.gauges.instances.set(event.instances.length);
        break;
      default:
        // The rest is counted.
    }
  }

  /** A request to the destination failed; `again`: it will be repeated; `key`: what it was about, if it is known. */
  destinationFailed(again: boolean, key: string): void {
    const { counters } = this.#instruments;
    counters.write_errors_total.inc(collectionLabels(this.#collections, namespaceOfKey(key)));
    if (again) counters.retries_total.inc({ stage: "destination" });
  }

  /** All metrics as text, in the form that an `Accept` header asks for. */
  async render(
    accept: string | null,
  ): Promise<{ readonly text: string; readonly contentType: string }> {
    this.#measure();
    const rendered = await this.#instruments.render();
    if (!wantsOpenMetrics(accept)) return rendered;
    return { text: toOpenMetrics(rendered.text), contentType: OPEN_METRICS_CONTENT_TYPE };
  }

  /** Sets what is not counted but looked at. */
  #measure(): void {
    const { board, dependencies, reach, budget, pausedCount } = this.#options;
    const { gauges } = this.#instruments;
    const { streams } = board;
    gauges.active_streams.set(streams.filter((s) => s.condition === "running").length);
    gauges.active_workers.set(streams.length);
    gauges.streams_paused.set(pausedCount());
    measureSnapshots(gauges, this.#options.snapshots());
    gauges.buffered_bytes.set(budget.usedBytes);
    gauges.buffered_events.set(streams.reduce((sum, s) => sum + s.bufferedEvents, 0));
    gauges.locks_held_total.set(this.#locks.size);
    gauges.loop_turn_age_seconds.set(slowestLoopMs(this.#options) / 1000);
    const window = oplogWindowSeconds(reach());
    if (window !== undefined) gauges.oplog_window_seconds.set(window);
    for (const [dependency, { state }] of dependencies.facts) {
      if (state !== "unknown") {
        gauges.dependency_up.set({ dependency }, state === "healthy" ? 1 : 0);
      }
    }
    const failing = failingStreams(this.#options);
    gauges.streams_failing.set({ permanent: "true" }, failing.permanent);
    gauges.streams_failing.set({ permanent: "false" }, failing.passing);
    const reading = this.#options.reading();
    gauges.change_streams.set(reading.readers.length);
    gauges.change_stream_members.reset();
    for (const [alone, streams] of countByReason(reading)) {
      gauges.change_stream_members.set({ alone }, streams);
    }
    this.#measureStreams();
    const unheld = this.#options.unheldLosses();
    measureLosses(gauges, streams, unheld, (name) => this.#streams.admits(name) ? name : OTHER);
    const nowMs = this.#options.clock.wallMs();
    const labelOf = (name: string) => this.#tables.admits(name) ? name : OTHER;
    measureTables(this.#instruments, this.#options.tables, nowMs, labelOf);
  }

  /** Also streams that nobody has: their ages grow, and their history may be lost, as long as that lasts. */
  #measureStreams(): void {
    const { reach, clock, known } = this.#options;
    const { gauges } = this.#instruments;
    const nowMs = clock.wallMs();
    const lag = new WorstByLabel(Math.max);
    const lakeLag = new WorstByLabel(Math.max);
    const age = new WorstByLabel(Math.max);
    const headroom = new WorstByLabel(Math.min);
    const generation = new WorstByLabel(Math.max);
    for (const { name, holder, times, facts } of known()) {
      if (holder === "elsewhere" || holder === "ended") continue;
      const label = this.#streams.admits(name) ? name : OTHER;
      lag.add(label, secondsSince(times.highWater, nowMs));
      lakeLag.add(label, secondsSince(times.inLake, nowMs));
      age.add(label, secondsSince(times.durable, nowMs));
      headroom.add(label, oplogHeadroomSeconds(times.durable, reach()));
      if (holder === "here") generation.add(label, facts?.generation);
    }
    lag.setOn(gauges.replication_lag_seconds);
    lakeLag.setOn(gauges.lake_lag_seconds);
    age.setOn(gauges.resume_token_age_seconds);
    headroom.setOn(gauges.oplog_headroom_seconds);
    generation.setOn(gauges.stream_generation);
  }
}

/** One value for each label, the worst of those that share it. */
class WorstByLabel {
  readonly #worse: (a: number, b: number) => number;
  readonly #values = new Map<string, number>();

  constructor(worse: (a: number, b: number) => number) {
    this.#worse = worse;
  }

  add(label: string, value: number | undefined): void {
    if (value === undefined) return;
    const known = this.#values.get(label);
    this.#values.set(label, known === undefined ? value : this.#worse(known, value));
  }

  /** Streams that are another's are not shown: it shows them. */
  setOn(gauge: Instruments["gauges"]["replication_lag_seconds"]): void {
    gauge.reset();
    for (const [stream, value] of this.#values) gauge.set({ stream }, value);
  }
}
