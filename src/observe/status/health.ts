import type { ClusterTime } from "../../model/cluster_time.ts";
import type { DependencyName, DependencyState, DependencyWatch } from "./dependency_watch.ts";
import { isShortOfOplog, type OplogReach, secondsSince } from "./lag.ts";
import type { KnownStream } from "./known_streams.ts";
import type { ReadingFacts } from "./reading.ts";
import type { StreamBoard, StreamFacts } from "./stream_board.ts";
import type { Clock } from "../../support/clock.ts";

/** A loop that must turn again and again. */
export interface LoopTurn {
  readonly name: string;
  /** Monotonic. */
  readonly lastTurnMs: number;
}

/** A loop that has not turned for so long is stuck: it turns every few seconds, and has no step that lasts. */
export const STUCK_MS = 120_000;

/** `standby`: there are no streams for this instance now. */
export type ProcessingStatus = "starting" | "running" | "standby" | "failed" | "stopping";

/** What the answers are made of; all of it is kept, nothing is asked for. */
export interface HealthSources {
  readonly board: StreamBoard;
  /** All streams that are known, whoever has them. */
  readonly known: () => readonly KnownStream[];
  readonly dependencies: DependencyWatch;
  readonly loops: () => Iterable<LoopTurn>;
  readonly reach: () => OplogReach | undefined;
  /** Whether the instance was ready when that was asked last, or only before that, or at no time. */
  readonly wasReady: "last" | "before" | "never";
  readonly phase: () => "starting" | "running" | "stopping";
  readonly readyMaxLagMs: number;
  /** How far the lake may be behind: a batch may be so old by right. */
  readonly readyMaxLakeLagMs: () => number;
  /** Whether streams are left to an instance that selects other events: it must go, and may wait for this one. */
  readonly leavesStreams: () => boolean;
  /** Whether the place where the instances meet does not answer: Redis, or the lake. */
  readonly isMeetingAway: () => boolean;
  /** For how long the place where the instances meet has not answered; 0 if it does. */
  readonly meetingAwayMs: () => number;
  /** By which change streams this instance reads. */
  readonly reading: () => ReadingFacts;
  /** After so long without it, no lease is held any more. */
  readonly leaseTtlMs: number;
  readonly clock: Clock;
}

export interface Health {
  /** `degraded`: something it depends on is away, or a stream needs a person; a restart would not help. */
  readonly status: "healthy" | "degraded" | "stuck";
  readonly processing_status: ProcessingStatus;
  readonly dependencies: Readonly<Partial<Record<DependencyName, DependencyState>>>;
}

/** Whether the program lives: its loops turn. */
export function healthOf(sources: HealthSources): Health {
  const { board, dependencies } = sources;
  const states = [...dependencies.facts].map(([name, { state }]) => [name, state] as const);
  const away = states.some(([, state]) => state === "unhealthy") || sources.isMeetingAway();
  const failed = board.streams.some(({ condition }) => condition === "failed");
  const stuck = slowestLoopMs(sources) > STUCK_MS;
  return {
    status: stuck ? "stuck" : away || failed ? "degraded" : "healthy",
    processing_status: processingStatus(sources),
    dependencies: Object.fromEntries(states),
  };
}

/** Milliseconds since the loop that is slowest now last turned; 0 without loops. */
export function slowestLoopMs({ loops, clock }: Pick<HealthSources, "loops" | "clock">): number {
  const nowMs = clock.monotonicMs();
  let slowestMs = 0;
  for (const { lastTurnMs } of loops()) slowestMs = Math.max(slowestMs, nowMs - lastTurnMs);
  return slowestMs;
}

function processingStatus({ board, phase }: HealthSources): ProcessingStatus {
  if (phase() !== "running") return phase() as "starting" | "stopping";
  const { streams } = board;
  if (streams.length === 0) return "standby";
  return streams.every(({ condition }) => condition === "failed") ? "failed" : "running";
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, for people; without names, because anybody may ask. */
  readonly reasons: readonly string[];
}

/** A service that has been away for so long keeps an instance from its work, whatever the streams say yet. */
export const AWAY_MS_MAX = 60_000;

/** A stream that an instance takes over while all is well is read within this; going from one to the other is no fault. */
const TAKE_OVER_MS = 10_000;

/** So long after a lease's time has run out another instance has taken the stream; else nobody does. */
export const UNHELD_MS_MAX = 30_000;

/**
 * Whether this instance does its work: all its streams are read, are stored in time, and keep their distance to the oplog's
 * end; what it needs for that answers; and no stream is left to nobody. One without streams is ready, unless it cannot have
 * any because the leases cannot be reached. At its start it waits until each stream is somebody's: who waits for it to be
 * ready before the first change is made wants that change in the lake.
 */
export function readinessOf(sources: HealthSources): Readiness {
  const { phase } = sources;
  const reasons = [
    ...(phase() === "running" ? [] : [`the instance is ${phase()}`]),
    ...reasonsOfStreams(sources),
    ...reasonsOfServices(sources),
  ];
  return { ready: reasons.length === 0, reasons };
}

function reasonsOfStreams(sources: HealthSources): string[] {
  const { board: { streams }, clock, reach, readyMaxLagMs, readyMaxLakeLagMs } = sources;
  const nowMs = clock.wallMs();
  const late = (time: ClusterTime | undefined, msMax: number) =>
    (secondsSince(time, nowMs) ?? 0) * 1000 > msMax;
  const count = (is: (facts: StreamFacts) => boolean) => streams.filter(is).length;
  const monotonicMs = clock.monotonicMs();
  const isJustTaken = ({ condition, error, startedMs }: StreamFacts) =>
    condition === "opening" && error === undefined && monotonicMs - startedMs < TAKE_OVER_MS;
  const unread = count((facts) =>
    facts.condition !== "running" && !(sources.wasReady === "last" && isJustTaken(facts))
  );
  // What was lost here nobody can have taken, as long as nobody can ask.
  const isAnyLost = sources.isMeetingAway() &&
    sources.known().some(({ holder, isPaused }) => holder === "nobody" && !isPaused);
  const isCutOff = streams.every(({ condition }) => condition !== "running") &&
    (sources.meetingAwayMs() >= sources.leaseTtlMs || isAnyLost);
  return [
    ...(isCutOff ? ["leases cannot be reached, and no stream runs here"] : []),
    ...counted(unread, "not read"),
    ...counted(
      count(({ highWater }) => late(highWater, readyMaxLagMs)),
      "further behind than READY_MAX_LAG",
    ),
    ...counted(
      count(({ highWater, lake }) =>
        !late(highWater, readyMaxLagMs) && late(lake.time, readyMaxLakeLagMs())
      ),
      "stored later than READY_MAX_LAG and BATCH_TIMEOUT allow",
    ),
    ...counted(count((facts) => isShortOfOplog(facts, reach())), "near the end of the oplog"),
    ...reasonsOfUnheld(sources),
  ];
}

function reasonsOfUnheld(sources: HealthSources): string[] {
  if (sources.leavesStreams()) return [];
  const known = sources.known();
  if (sources.wasReady === "never") {
    const unbegun = known.filter(({ holder, isPaused }) => holder === "nobody" && !isPaused);
    return counted(unbegun.length, "held by no instance yet");
  }
  const msMax = sources.leaseTtlMs + UNHELD_MS_MAX;
  return counted(
    known.filter(({ unheldMs }) => unheldMs > msMax).length,
    `held by no instance for longer than DISTRIBUTED_LOCK_TTL and ${UNHELD_MS_MAX / 1000} s`,
  );
}

const NEEDED = { mongodb: "MongoDB", destination: "the destination" } as const;

/** Of Redis only the leases count, which last a while. */
function reasonsOfServices({ dependencies, clock }: HealthSources): string[] {
  return Object.entries(NEEDED).flatMap(([name, text]) => {
    const facts = dependencies.facts.get(name as keyof typeof NEEDED);
    if (facts?.state !== "unhealthy") return [];
    if (facts.refuses) return [`${text} refuses what it is asked for`];
    const isLong = clock.wallMs() - facts.sinceMs > AWAY_MS_MAX;
    return isLong ? [`${text} has been away for longer than ${AWAY_MS_MAX / 1000} s`] : [];
  });
}

function counted(streams: number, what: string): string[] {
  if (streams === 0) return [];
  return [`${streams === 1 ? "1 stream is" : `${streams} streams are`} ${what}`];
}
