/** What `status` shows, whoever told it: the place where the instances meet, or an instance of its own. */
import type { Cause, CauseLimits } from "../../observe/status/cause_facts.ts";
import { causesOf } from "../../observe/status/causes.ts";
import {
  oplogHeadroomSeconds,
  oplogWindowSeconds,
  secondsSince,
} from "../../observe/status/lag.ts";
import { readerTold, type StatusReader } from "../../observe/status/reading.ts";
import { servicesOfAll } from "../../observe/status/service_news.ts";
import { silenceOf, stateOf, type StatusTable } from "../../observe/status/status.ts";
import { formatClusterTime } from "../../model/cluster_time.ts";
import { isoTime } from "../../support/clock.ts";
import type { App } from "../with_app.ts";

type Meeting = Parameters<Parameters<App["meet"]>[2]>[0];
export type FleetView = Awaited<ReturnType<Meeting["view"]>>;
type StreamView = FleetView["streams"][number];

export interface StatusView {
  /** ISO 8601. */
  readonly at: string;
  /** Why not all is well, the worst first. */
  readonly causes: readonly Cause[];
  readonly oplogWindowSeconds: number | null;
  readonly instances: readonly InstanceRow[];
  readonly streams: readonly StreamRow[];
  /** Those that the instance that was asked keeps; absent where it keeps none, or nobody was asked. */
  readonly tables?: readonly StatusTable[];
}

export interface InstanceRow {
  /** The owner id of its leases. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** As in `/status`. */
  readonly state: string;
  /** When it started, ISO 8601. */
  readonly since: string | null;
  readonly address: string | null;
  readonly leaving: boolean;
  /** Why it leaves streams to another instance. */
  readonly waits: string | null;
  readonly streams: number;
  readonly failed: number;
  /** By so many change streams it reads; left out where it does not tell. */
  readonly changeStreams?: number | null;
  /** When it last said something, ISO 8601; absent: it talks. */
  readonly silentSince?: string;
  /** Of a silent one: after so long all of its leases are over. */
  readonly leaseMsLeft?: number;
}

export interface StreamRow {
  readonly key: string;
  readonly name: string;
  /** As in `/status`. */
  readonly condition: string;
  /** The name of the instance that still has its lease and is silent, where that is why it is free. */
  readonly leftBy?: string;
  /** The id of the instance that has it. */
  readonly owner: string | null;
  /** That instance's name. */
  readonly instance: string | null;
  readonly generation: number | null;
  /** Null where it never runs out, or is not known. */
  readonly leaseMsLeft: number | null;
  /** Up to where its journal goes; T.I, as MongoDB has it. */
  readonly position: string | null;
  readonly updatedAt: string | null;
  readonly lagSeconds: number | null;
  readonly lakeLagSeconds: number | null;
  readonly positionAgeSeconds: number | null;
  readonly oplogHeadroomSeconds: number | null;
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly bufferedEvents: number | null;
  /** By what it is read; left out where nobody tells. */
  readonly reader?: StatusReader;
  /** Gaps, and objects that cannot be made any more, which nobody has accepted; left out where nobody tells. */
  readonly lost?: number;
  readonly paused: boolean;
  /** As the instance tells it that has it. */
  readonly news?: unknown;
  readonly error: {
    readonly message: string;
    readonly since: string;
    readonly at: string;
  } | null;
}

/** What stands where the instances meet, at this time of the wall clock. */
export function viewOfFleet(fleet: FleetView, nowMs: number, limits: CauseLimits): StatusView {
  const instances = fleet.instances.map(({ silence, ...each }): InstanceRow => ({
    ...each,
    state: stateOf({ ...each, ...(silence === undefined ? {} : { silence }) }),
    address: each.address ?? null,
    waits: each.waits ?? null,
    ...silenceOf(silence === undefined ? {} : { silence }, nowMs, nowMs),
  }));
  const isAnybodyThere = instances.length > 0;
  const streams = fleet.streams.map((each) => {
    // What no instance would run has ended; where there is none, nobody can say.
    const unheld = each.offered || !isAnybodyThere ? "free" : "closed";
    return rowOf(each, unheld, fleet.oplog, nowMs);
  });
  const window = oplogWindowSeconds(fleet.oplog) ?? null;
  return {
    at: isoTime(nowMs),
    causes: causesOf({
      at: isoTime(nowMs),
      dependencies: servicesOfAll([], fleet.instances),
      ...{ instances, streams, oplogWindowSeconds: window, limits },
    }),
    ...{ oplogWindowSeconds: window, instances, streams },
  };
}

function rowOf(
  stream: StreamView,
  unheld: "free" | "closed",
  oplog: FleetView["oplog"],
  nowMs: number,
): StreamRow {
  const { owner, instance, generation, leaseMsLeft, position, updatedAt, paused, news } = stream;
  const { key, name, events, objects, bytes, deadLetters } = stream;
  const { condition, highWater, inLake, lagMs, bufferedEvents, error } = news ?? {};
  const isLeft = stream.silentMs !== undefined;
  const leftBy = isLeft ? instance ?? owner : undefined;
  const isHeld = owner !== undefined;
  const shown = isLeft ? "free" : condition ?? (isHeld ? "elsewhere" : unheld);
  const readSeconds = secondsSince(highWater, nowMs) ??
    (lagMs === undefined ? undefined : lagMs / 1000);
  const positionSeconds = secondsSince(position, nowMs);
  const reader = readerTold(news);
  return {
    ...{ key, name, events, objects, bytes, deadLetters, paused },
    condition: paused ? "paused" : shown,
    ...(leftBy === undefined ? {} : { leftBy }),
    owner: isLeft ? null : owner ?? null,
    instance: isLeft ? null : instance ?? null,
    generation: generation ?? null,
    leaseMsLeft: leaseMsLeft !== undefined && Number.isFinite(leaseMsLeft) ? leaseMsLeft : null,
    position: position === undefined ? null : formatClusterTime(position),
    updatedAt: updatedAt ?? null,
    // Of what nobody tells, the saved position says the least that is so.
    lagSeconds: rounded(readSeconds ?? positionSeconds),
    lakeLagSeconds: rounded(secondsSince(inLake, nowMs) ?? positionSeconds),
    positionAgeSeconds: rounded(positionSeconds),
    // A stream that has just begun has saved nothing yet.
    oplogHeadroomSeconds: rounded(oplogHeadroomSeconds(position ?? inLake, oplog)),
    bufferedEvents: bufferedEvents ?? null,
    ...(reader === undefined ? {} : { reader }),
    ...(news?.lost === undefined ? {} : { lost: news.lost }),
    error: error === undefined ? null : { since: error.at, ...error },
    ...(news === undefined ? {} : { news }),
  };
}

function rounded(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 10) / 10;
}
