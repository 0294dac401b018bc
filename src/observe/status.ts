import type { FleetView, StreamView } from "../coordinate/fleet_view.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import { isoTime } from "../support/clock.ts";
import { redact } from "../support/redact.ts";
import type { DependencyName, DependencyState } from "./dependency_watch.ts";
import { type Health, healthOf, type HealthSources } from "./health.ts";
import { oplogHeadroomSeconds, oplogWindowSeconds, secondsSince } from "./lag.ts";
import type { BudgetUse } from "./metrics.ts";
import type { RateHistory } from "./rate_history.ts";
import type { BoardCondition, ObservedStream, StreamFacts } from "./stream_board.ts";

/** Who this instance is. */
export interface InstanceFacts {
  /** Its owner id. */
  readonly id: string;
  readonly name: string;
  readonly pipeline: string;
  readonly version: string;
  /** Wall clock. */
  readonly startedMs: number;
}

export interface StatusSources extends HealthSources {
  readonly instance: InstanceFacts;
  readonly budget: BudgetUse;
  readonly rates: RateHistory;
  /** Streams that were told to pause, as far as this instance knows. */
  readonly paused: () => Iterable<ObservedStream>;
  /** Undefined while nothing is known of others. */
  readonly fleet: () => FleetFacts | undefined;
}

export interface FleetFacts {
  readonly view: FleetView;
  /** Wall clock of the view. */
  readonly atMs: number;
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
  }[];
  readonly memory: {
    readonly budgetBytes: number;
    readonly bufferedBytes: number;
    readonly bufferedEvents: number;
  };
  readonly oplogWindowSeconds: number | null;
  /** `at` of the view of the others; null where this instance knows of itself alone. */
  readonly fleetAt: string | null;
  readonly instances: readonly StatusInstance[];
  readonly streams: readonly StatusStream[];
}

export interface StatusInstance {
  readonly id: string;
  readonly name: string;
  /** Whether it is the one that answers. */
  readonly self: boolean;
  readonly version: string;
  /** Whether it is about to stop. */
  readonly leaving: boolean;
  readonly streams: number;
}

export interface StatusStream {
  readonly key: string;
  readonly name: string;
  /** `elsewhere`: another instance has it, and says no more; `free`: nobody has it. */
  readonly condition: BoardCondition | "paused" | "elsewhere" | "free";
  /** The name of the instance that has it. */
  readonly owner: string | null;
  /** Whether the answering instance has it. */
  readonly local: boolean;
  readonly generation: number | null;
  /** How far reading is behind now. */
  readonly lagSeconds: number | null;
  /** How far the lake is behind now. */
  readonly positionAgeSeconds: number | null;
  readonly oplogHeadroomSeconds: number | null;
  /** Events a second in the last minutes, oldest first, one each `SAMPLE_MS`. */
  readonly rates: readonly number[];
  /** Since the stream's genesis where the fleet keeps it, else since this instance began. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly bufferedEvents: number | null;
  readonly lastObject: {
    readonly key: string;
    readonly rows: number;
    readonly bytes: number;
    readonly at: string;
  } | null;
  readonly error: { readonly message: string; readonly at: string } | null;
}

/** The status of this instance and, as far as it knows them, of all others. */
export function statusOf(sources: StatusSources): Status {
  const { instance, clock, budget, board } = sources;
  const health = healthOf(sources);
  const fleet = sources.fleet();
  const streams = allStreams(sources, fleet?.view);
  return {
    at: isoTime(clock.wallMs()),
    status: health.status,
    processing_status: health.processing_status,
    instance: {
      id: instance.id,
      name: instance.name,
      pipeline: instance.pipeline,
      version: instance.version,
      startedAt: isoTime(instance.startedMs),
    },
    dependencies: [...sources.dependencies.facts].map(([name, { state, sinceMs, reason }]) => ({
      name,
      state,
      since: isoTime(sinceMs),
      reason: reason === undefined ? null : redact(reason),
    })),
    memory: {
      budgetBytes: budget.limitBytes,
      bufferedBytes: budget.usedBytes,
      bufferedEvents: board.streams.reduce((sum, s) => sum + s.bufferedEvents, 0),
    },
    oplogWindowSeconds: oplogWindowSeconds(sources.reach()) ?? null,
    fleetAt: fleet === undefined ? null : isoTime(fleet.atMs),
    instances: allInstances(sources, fleet?.view),
    streams,
  };
}

function allStreams(sources: StatusSources, view: FleetView | undefined): StatusStream[] {
  const paused = new Map([...sources.paused()].map((stream) => [stream.key, stream]));
  const fleet = new Map((view?.streams ?? []).map((stream) => [stream.key, stream]));
  const local = new Map(sources.board.streams.map((facts) => [facts.key, facts]));
  const keys = new Set([...local.keys(), ...fleet.keys(), ...paused.keys()]);
  const out = [...keys].map((key) => {
    const isPaused = paused.has(key) || fleet.get(key)?.paused === true;
    const facts = local.get(key);
    if (facts !== undefined) return localStream(sources, facts, fleet.get(key), isPaused);
    const remote = fleet.get(key);
    if (remote !== undefined) return remoteStream(sources, remote, isPaused);
    return pausedStream(paused.get(key)!);
  });
  return out.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What this instance runs it knows best; totals over all owners are the fleet's. */
function localStream(
  sources: StatusSources,
  facts: StreamFacts,
  totals: StreamView | undefined,
  isPaused: boolean,
): StatusStream {
  const { clock, rates, instance } = sources;
  const nowMs = clock.wallMs();
  const { lastObject, error } = facts;
  return {
    key: facts.key,
    name: facts.name,
    condition: isPaused ? "paused" : facts.condition,
    owner: instance.name,
    local: true,
    generation: facts.generation,
    ...ages(sources, facts.highWater, facts.durable),
    rates: rates.of(facts.key),
    events: Math.max(facts.events, totals?.events ?? 0),
    objects: Math.max(facts.objects, totals?.objects ?? 0),
    bytes: Math.max(facts.bytes, totals?.bytes ?? 0),
    deadLetters: Math.max(facts.deadLetters, totals?.deadLetters ?? 0),
    bufferedEvents: facts.bufferedEvents,
    lastObject: lastObject === undefined ? null : {
      key: lastObject.key,
      rows: lastObject.rows,
      bytes: lastObject.bytes,
      at: isoTime(Math.min(lastObject.atMs, nowMs)),
    },
    error: error === undefined
      ? null
      : { message: redact(error.message), at: isoTime(Math.min(error.atMs, nowMs)) },
  };
}

function remoteStream(
  sources: StatusSources,
  stream: StreamView,
  isPaused: boolean,
): StatusStream {
  const { key, name, owner, generation, position, events, objects, bytes, deadLetters } = stream;
  const { condition, lagMs, bufferedEvents, lastObject, error } = stream.news ?? {};
  return {
    key,
    name,
    condition: isPaused ? "paused" : condition ?? (owner === undefined ? "free" : "elsewhere"),
    owner: stream.instance ?? owner ?? null,
    local: false,
    generation: generation ?? null,
    ...ages(sources, undefined, position),
    // As it was told: what is read after that is not known here.
    lagSeconds: lagMs === undefined ? null : rounded(lagMs / 1000),
    rates: sources.rates.of(key),
    events,
    objects,
    bytes,
    deadLetters,
    bufferedEvents: bufferedEvents ?? null,
    lastObject: lastObject ?? null,
    error: error ?? null,
  };
}

/** A paused stream of which nothing else is known here. */
function pausedStream({ key, name }: ObservedStream): StatusStream {
  return {
    key,
    name,
    condition: "paused",
    owner: null,
    local: false,
    generation: null,
    lagSeconds: null,
    positionAgeSeconds: null,
    oplogHeadroomSeconds: null,
    rates: [],
    events: 0,
    objects: 0,
    bytes: 0,
    deadLetters: 0,
    bufferedEvents: null,
    lastObject: null,
    error: null,
  };
}

function ages(
  sources: StatusSources,
  highWater: ClusterTime | undefined,
  durable: ClusterTime | undefined,
): Pick<StatusStream, "lagSeconds" | "positionAgeSeconds" | "oplogHeadroomSeconds"> {
  const nowMs = sources.clock.wallMs();
  return {
    lagSeconds: rounded(secondsSince(highWater, nowMs)),
    positionAgeSeconds: rounded(secondsSince(durable, nowMs)),
    oplogHeadroomSeconds: rounded(oplogHeadroomSeconds(durable, sources.reach())),
  };
}

function rounded(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 10) / 10;
}

/** What others say of this instance may be older than what it knows. */
function allInstances(
  { instance, board, phase }: StatusSources,
  view: FleetView | undefined,
): StatusInstance[] {
  const { id, name, version } = instance;
  const leaving = phase() === "stopping";
  // Of what failed here the lease was given back.
  const streams = board.streams.filter(({ condition }) => condition !== "failed").length;
  const own = { id, name, self: true, version, leaving, streams };
  const others = (view?.instances ?? []).filter((other) => other.id !== id).map((other) => ({
    id: other.id,
    name: other.name,
    self: false,
    version: other.version,
    leaving: other.leaving,
    streams: other.streams,
  }));
  return [own, ...others].sort((a, b) => a.name < b.name ? -1 : 1);
}
