import type { DependencyName, DependencyState, DependencyWatch } from "./dependency_watch.ts";
import { isShortOfOplog, type OplogReach, secondsSince } from "./lag.ts";
import type { StreamBoard } from "./stream_board.ts";
import type { Clock } from "../support/clock.ts";

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
  readonly dependencies: DependencyWatch;
  readonly loops: () => Iterable<LoopTurn>;
  readonly reach: () => OplogReach | undefined;
  readonly phase: () => "starting" | "running" | "stopping";
  readonly readyMaxLagMs: number;
  /** How far the lake may be behind: a batch may be so old by right. */
  readonly readyMaxLakeLagMs: number;
  /** For how long the place where the instances meet has not answered; 0 if it does. */
  readonly meetingAwayMs: () => number;
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
  const away = states.some(([, state]) => state === "unhealthy");
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

/**
 * Whether this instance does its work: all its streams are read, are not far behind, and keep their distance to the oplog's
 * end. One without streams is ready, unless it cannot have any because the leases cannot be reached.
 */
export function readinessOf(sources: HealthSources): Readiness {
  const { board, clock, phase, readyMaxLagMs } = sources;
  const { streams } = board;
  const nowMs = clock.wallMs();
  const reach = sources.reach();
  const unread = streams.filter(({ condition }) => condition !== "running").length;
  const late =
    streams.filter((facts) => (secondsSince(facts.highWater, nowMs) ?? 0) * 1000 > readyMaxLagMs)
      .length;
  const isCutOff = unread === streams.length && sources.meetingAwayMs() >= sources.leaseTtlMs;
  const short = streams.filter((facts) => isShortOfOplog(facts, reach)).length;
  const reasons = [
    phase() === "running" ? undefined : `the instance is ${phase()}`,
    isCutOff ? "leases cannot be reached, and no stream runs here" : undefined,
    unread === 0 ? undefined : `${countOf(unread)} not read`,
    late === 0 ? undefined : `${countOf(late)} further behind than READY_MAX_LAG`,
    short === 0 ? undefined : `${countOf(short)} near the end of the oplog`,
  ].filter((reason) => reason !== undefined);
  return { ready: reasons.length === 0, reasons };
}

function countOf(streams: number): string {
  return streams === 1 ? "1 stream is" : `${streams} streams are`;
}
