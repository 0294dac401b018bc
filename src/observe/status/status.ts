import type { InstanceView } from "../../coordinate/fleet_view.ts";
import type { RefusedSettings } from "../../coordinate/news.ts";
import { isoTime } from "../../support/clock.ts";
import type { TableFormat } from "../../model/table_format.ts";
import { streamName } from "../../model/stream.ts";
import { secondsLeft, shareRead } from "../../model/snapshot_share.ts";
import type { KnownSnapshot } from "../../pipeline/snapshot/snapshot_catalog.ts";
import { redact } from "../../support/redact.ts";
import type { Cause, CauseLimits } from "./cause_facts.ts";
import { causesOf } from "./causes.ts";
import type { DependencyName, DependencyState } from "./dependency_watch.ts";
import { type Health, healthOf, type HealthSources } from "./health.ts";
import type { FleetFacts } from "./known_streams.ts";
import { oplogWindowSeconds } from "./lag.ts";
import type { BudgetUse } from "../metrics/metrics.ts";
import type { KeptTables } from "../metrics/table_gauges.ts";
import { servicesOfAll } from "./service_news.ts";
import { type StatusReading, statusReading } from "./reading.ts";
import { type StatusStream, statusStreams, type StreamSources } from "./status_streams.ts";

/** Who this instance is. */
export interface InstanceFacts {
  /** Its owner id. */
  readonly id: string;
  readonly name: string;
  readonly pipeline: string;
  readonly version: string;
  /** Wall clock. */
  readonly startedMs: number;
  /** Where its HTTP server listens, if it has one. */
  readonly address?: string | undefined;
  readonly refusedSettings?: RefusedSettings;
}

export interface StatusSources extends HealthSources, StreamSources {
  readonly instance: InstanceFacts;
  readonly budget: BudgetUse;
  readonly snapshots?: () => readonly KnownSnapshot[];
  readonly tables?: KeptTables | undefined;
  /** Undefined while nothing is known of others. */
  readonly fleet: () => FleetFacts | undefined;
  /** Since when the place where the instances meet has not answered, by the wall clock, and why. */
  readonly meetingAway: () => { readonly wallMs: number; readonly reason: string } | undefined;
}

/** What `/status` and the page show. Absent numbers are null. */
export interface Status {
  readonly at: string;
  readonly status: Health["status"];
  readonly processing_status: Health["processing_status"];
  readonly instance: {
    readonly id: string;
    readonly name: string;
    readonly pipeline: string;
    readonly version: string;
    readonly startedAt: string;
  };
  readonly dependencies: readonly {
    readonly name: DependencyName;
    readonly state: DependencyState;
    readonly since: string;
    readonly reason: string | null;
    /** It answers, and refuses what it is asked for. */
    readonly refuses: boolean;
  }[];
  readonly memory: {
    readonly budgetBytes: number;
    readonly bufferedBytes: number;
    readonly bufferedEvents: number;
  };
  readonly oplogWindowSeconds: number | null;
  /** By which change streams this instance reads. */
  readonly reading: StatusReading;
  /** Further behind than this is trouble. */
  readonly limits: CauseLimits;
  /** Why not all is well, the worst first. */
  readonly causes: readonly Cause[];
  /** `at` of the view of the others; null where this instance knows of itself alone. */
  readonly fleetAt: string | null;
  readonly instances: readonly StatusInstance[];
  readonly streams: readonly StatusStream[];
  /** Those that are not complete, or became so here; absent where there are none. */
  readonly snapshots?: readonly StatusSnapshot[];
  /** Those that the instance that answers keeps; absent where it keeps none. */
  readonly tables?: readonly StatusTable[];
}

/** A table over the objects of a collection. */
export interface StatusTable {
  readonly name: string;
  readonly format: TableFormat;
  readonly url: string;
  readonly version: number | null;
  /** Seconds since it had everything that was in the lake; null: never yet. */
  readonly lagSeconds: number | null;
  /** Why it gets nothing more until a person has looked. */
  readonly fault: string | null;
}

/** How far the documents that were there are read. */
export interface StatusSnapshot {
  readonly id: string;
  /** Of what. */
  readonly name: string;
  readonly state: KnownSnapshot["state"] | "paused";
  /** Whether only documents are read that fit a filter. */
  readonly isFiltered: boolean;
  /** In the lake; those that were read again count again. */
  readonly documentsRead: number;
  readonly bytesStored: number;
  /** About so many are to be read; null while that is not known. */
  readonly documentsExpected: number | null;
  /** Null where nothing was read lately. */
  readonly documentsPerSecond: number | null;
  /** Of the documents, at most 1; null where that is not known. */
  readonly share: number | null;
  readonly secondsLeft: number | null;
  readonly ranges: { readonly closed: number; readonly of: number };
}

export interface StatusInstance {
  readonly id: string;
  readonly name: string;
  /** Whether it is the one that answers. */
  readonly self: boolean;
  readonly version: string;
  /** Whether it is about to stop. */
  readonly leaving: boolean;
  /**
   * `waiting`: it leaves streams to another instance; `failed`: none of its streams can go on; `silent`: it has said nothing
   * for longer than it should, and how it stands is not known.
   */
  readonly state: "running" | "standby" | "waiting" | "failed" | "leaving" | "silent";
  readonly startedAt: string;
  /** Of its HTTP server. */
  readonly address: string | null;
  readonly streams: number;
  /** By so many change streams it reads them; older versions do not tell. */
  readonly changeStreams?: number;
  /** Absent: the settings that it read again last are in force. */
  readonly refusedSettings?: RefusedSettings;
  /** When it last said something; absent: it talks. */
  readonly silentSince?: string;
  /** Of a silent one: after so long all of its leases are over. */
  readonly leaseMsLeft?: number;
}

/** The status of this instance and, as far as it knows them, of all others. */
export function statusOf(sources: StatusSources): Status {
  const { instance, clock, budget, board } = sources;
  const health = healthOf(sources);
  const fleet = sources.fleet();
  const streams = statusStreams(sources);
  const instances = allInstances(sources, fleet);
  const dependencies = [...sources.dependencies.facts].map(([name, facts]) => ({
    name,
    state: facts.state,
    since: isoTime(facts.sinceMs),
    reason: facts.reason === undefined ? null : redact(facts.reason),
    refuses: facts.refuses,
  }));
  const oplogWindow = oplogWindowSeconds(sources.reach()) ?? null;
  const limits = {
    lagSeconds: sources.readyMaxLagMs / 1000,
    lakeLagSeconds: sources.readyMaxLakeLagMs() / 1000,
  };
  const away = sources.meetingAway();
  const leases = away === undefined
    ? {}
    : { leasesAwaySince: isoTime(away.wallMs), leasesAwayReason: redact(away.reason) };
  const at = isoTime(clock.wallMs());
  const reading = statusReading(sources.reading());
  const others = isOver(fleet, sources) ? [] : fleet?.view.instances ?? [];
  const facts = {
    ...{ at, instances, oplogWindowSeconds: oplogWindow, limits },
    dependencies: servicesOfAll(dependencies, others.filter(({ id }) => id !== instance.id)),
    streams: streams.map((stream) => ({ ...stream, instance: stream.owner })),
  };
  return {
    at,
    status: health.status,
    processing_status: health.processing_status,
    instance: {
      id: instance.id,
      name: instance.name,
      pipeline: instance.pipeline,
      version: instance.version,
      startedAt: isoTime(instance.startedMs),
    },
    dependencies,
    memory: {
      budgetBytes: budget.limitBytes,
      bufferedBytes: budget.usedBytes,
      bufferedEvents: board.streams.reduce((sum, s) => sum + s.bufferedEvents, 0),
    },
    oplogWindowSeconds: oplogWindow,
    reading,
    limits,
    causes: causesOf({ ...facts, ...leases }),
    fleetAt: fleet === undefined ? null : isoTime(fleet.atMs),
    instances,
    streams,
    ...snapshotsOf(sources),
    ...tablesOf(sources),
  };
}

function tablesOf({ tables, clock }: StatusSources): Pick<Status, "tables"> {
  const known = tables?.tables ?? [];
  if (known.length === 0) return {};
  const nowMs = clock.wallMs();
  return {
    tables: known.map(({ name, format, url, version = null, upToDateMs, fault }) => ({
      ...{ name, format, url, version, fault: fault === undefined ? null : redact(fault) },
      lagSeconds: upToDateMs === undefined ? null : secondsSinceMs(upToDateMs, nowMs),
    })),
  };
}

function secondsSinceMs(sinceMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - sinceMs) / 1000));
}

function snapshotsOf({ snapshots }: StatusSources): Pick<Status, "snapshots"> {
  const known = snapshots?.() ?? [];
  return known.length === 0 ? {} : { snapshots: known.map(statusSnapshot) };
}

function statusSnapshot(snapshot: KnownSnapshot): StatusSnapshot {
  const { id, stream, target, isFiltered, isPaused, documentsRead, bytesStored } = snapshot;
  const { documentsExpected = null, documentsPerSecond = null, ranges } = snapshot;
  const canPause = snapshot.state === "due" || snapshot.state === "running";
  const state = isPaused && canPause ? "paused" : snapshot.state;
  const measure = {
    ...{ documentsRead, documentsExpected, documentsPerSecond, isFiltered },
    isOver: state !== "running",
  };
  return {
    ...{ id, name: streamName(target ?? stream), state, isFiltered, documentsRead, bytesStored },
    ...{ documentsExpected, documentsPerSecond },
    ...{ share: shareRead(measure), secondsLeft: secondsLeft(measure), ranges },
  };
}

/** Whether what the view says is over: others may have stopped since, and their leases with them. */
function isOver(fleet: FleetFacts | undefined, { clock, leaseTtlMs }: StatusSources): boolean {
  return fleet !== undefined && clock.monotonicMs() - fleet.takenMs >= leaseTtlMs;
}

/** What others say of this instance may be older than what it knows. */
function allInstances(sources: StatusSources, fleet: FleetFacts | undefined): StatusInstance[] {
  const { instance, board, phase } = sources;
  const view = fleet?.view;
  const isOld = isOver(fleet, sources);
  const { id, name, version, startedMs, address, refusedSettings } = instance;
  // Of what failed here the lease was given back.
  const failed = board.streams.filter(({ condition }) => condition === "failed").length;
  const streams = board.streams.length - failed;
  const waits = view?.instances.find((each) => each.id === id)?.waits;
  const own = {
    ...{ id, name, version, since: isoTime(startedMs), leaving: phase() === "stopping" },
    ...{ streams, failed, changeStreams: sources.reading().readers.length },
    ...(address === undefined ? {} : { address }),
    ...(waits === undefined ? {} : { waits }),
    ...(refusedSettings === undefined ? {} : { refusedSettings }),
  };
  const others = (view?.instances ?? []).filter((other) => other.id !== id)
    .map((other) => ({
      ...instanceRow(isOld ? withoutLeases(other) : other, false),
      ...(isOld || fleet === undefined ? {} : silenceOf(other, fleet.atMs, sources.clock.wallMs())),
    }));
  return [instanceRow(own, true), ...others].sort((a, b) => a.name < b.name ? -1 : 1);
}

function withoutLeases({ silence: _, ...other }: InstanceView): InstanceView {
  return { ...other, streams: 0 };
}

function instanceRow(instance: InstanceView, self: boolean): StatusInstance {
  const { id, name, version, leaving, since, address = null, streams } = instance;
  const { changeStreams, refusedSettings } = instance;
  const state = stateOf(instance);
  return {
    ...{ id, name, self, version, leaving, state, startedAt: since, address, streams },
    ...(changeStreams === undefined ? {} : { changeStreams }),
    ...(refusedSettings === undefined ? {} : { refusedSettings }),
  };
}

/** What is said of an instance that was silent when it was looked at, at `seenMs` of the wall clock. */
export function silenceOf(
  { silence }: Pick<InstanceView, "silence">,
  seenMs: number,
  nowMs: number,
): Pick<StatusInstance, "silentSince" | "leaseMsLeft"> {
  if (silence === undefined) return {};
  const leaseMsLeft = Math.max(0, silence.leaseMsLeft - (nowMs - seenMs));
  // Whole seconds, or each look would find another time.
  const silentSince = isoTime(Math.round((seenMs - silence.forMs) / 1000) * 1000);
  return { silentSince, leaseMsLeft };
}

/** What an instance does, for people. */
export function stateOf(
  { leaving, waits, streams, failed, silence }: Omit<
    InstanceView,
    "id" | "name" | "version" | "since"
  >,
): StatusInstance["state"] {
  if (silence !== undefined) return "silent";
  if (leaving) return "leaving";
  if (streams > 0) return "running";
  if (failed > 0) return "failed";
  return waits === undefined ? "standby" : "waiting";
}
