import type { FleetView, StreamView } from "../coordinate/fleet_view.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import { type Clock, isoTime } from "../support/clock.ts";
import { redact } from "../support/redact.ts";
import { oplogHeadroomSeconds, type OplogReach, secondsSince } from "./lag.ts";
import type { RateHistory } from "./rate_history.ts";
import type { BoardCondition, ObservedStream, StreamBoard, StreamFacts } from "./stream_board.ts";

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
  /** How far the lake is behind now: seconds since the time up to which all events are in it. */
  readonly lakeLagSeconds: number | null;
  /** Seconds since the journal's position; where nothing happens it is behind the lake. */
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
  readonly error: {
    readonly message: string;
    /** When it failed last. */
    readonly at: string;
    /** When it first failed since it last read. */
    readonly since: string;
  } | null;
}

export interface StreamSources {
  readonly board: StreamBoard;
  /** The name of this instance. */
  readonly instance: { readonly name: string };
  readonly rates: RateHistory;
  readonly reach: () => OplogReach | undefined;
  /** Streams that were told to pause, as far as this instance knows. */
  readonly paused: () => Iterable<ObservedStream>;
  readonly clock: Clock;
}

/** A row for each stream that this instance knows of, by name. */
export function statusStreams(sources: StreamSources, view: FleetView | undefined): StatusStream[] {
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
  sources: StreamSources,
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
    ...ages(sources, facts),
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
    error: error === undefined ? null : {
      message: redact(error.message),
      at: isoTime(Math.min(error.atMs, nowMs)),
      since: isoTime(Math.min(error.sinceMs, nowMs)),
    },
  };
}

function remoteStream(
  sources: StreamSources,
  stream: StreamView,
  isPaused: boolean,
): StatusStream {
  const { key, name, owner, generation, position, events, objects, bytes, deadLetters } = stream;
  const { news } = stream;
  const { condition, lagMs, highWater, inLake, bufferedEvents, lastObject, error } = news ?? {};
  const told = ages(sources, { highWater, lake: { time: inLake ?? position }, durable: position });
  return {
    key,
    name,
    condition: isPaused ? "paused" : condition ?? (owner === undefined ? "free" : "elsewhere"),
    owner: stream.instance ?? owner ?? null,
    local: false,
    generation: generation ?? null,
    ...told,
    // An older version tells only how far behind it was.
    lagSeconds: told.lagSeconds ?? rounded(lagMs === undefined ? undefined : lagMs / 1000),
    rates: sources.rates.of(key),
    events,
    objects,
    bytes,
    deadLetters,
    bufferedEvents: bufferedEvents ?? null,
    lastObject: lastObject ?? null,
    error: error === undefined ? null : { since: error.at, ...error },
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
    lakeLagSeconds: null,
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
  sources: StreamSources,
  { highWater, lake, durable }: {
    readonly highWater: ClusterTime | undefined;
    readonly lake: { readonly time: ClusterTime | undefined };
    readonly durable: ClusterTime | undefined;
  },
): Pick<
  StatusStream,
  "lagSeconds" | "lakeLagSeconds" | "positionAgeSeconds" | "oplogHeadroomSeconds"
> {
  const nowMs = sources.clock.wallMs();
  return {
    lagSeconds: rounded(secondsSince(highWater, nowMs)),
    lakeLagSeconds: rounded(secondsSince(lake.time, nowMs)),
    positionAgeSeconds: rounded(secondsSince(durable, nowMs)),
    oplogHeadroomSeconds: rounded(oplogHeadroomSeconds(durable, sources.reach())),
  };
}

function rounded(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 10) / 10;
}
