/** What a monitor is told of the program, and by whom. */
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { KnownSnapshot } from "../pipeline/snapshot/snapshot_catalog.ts";
import type { BudgetUse } from "./metrics/metrics.ts";
import type { KeptTables } from "./metrics/table_gauges.ts";
import type { UnheldLosses } from "./metrics/loss_gauges.ts";
import type { DependencyName, DependencyOptions, Probes } from "./status/dependency_watch.ts";
import type { FleetSource } from "./status/fleet.ts";
import type { LoopTurn } from "./status/health.ts";
import type { OplogReach } from "./status/lag.ts";
import type { PausedStream } from "./status/known_streams.ts";
import type { PositionLookup } from "./status/position_lookups.ts";
import type { ReadingFacts } from "./status/reading.ts";
import type { InstanceFacts } from "./status/status.ts";
import type { ObservedStream } from "./status/stream_board.ts";

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
  readonly paused?: () => Iterable<PausedStream>;
  /** Streams that are to run, whoever has them. Default: those that run here. */
  readonly wanted?: () => Iterable<ObservedStream>;
  /** By which change streams streams are read. Default: by none. */
  readonly reading?: () => ReadingFacts;
  /** Where a stream's journal ends. Default: nobody can be asked. */
  readonly positionOf?: PositionLookup;
  /** What is lost of streams that nobody has, and of selections; one instance of all tells it. Default: nothing is known. */
  readonly unheldLosses?: () => readonly UnheldLosses[];
  /** The snapshots that are known. Default: none are taken. */
  readonly snapshots?: () => readonly KnownSnapshot[];
  /** The tables that this instance keeps. Default: none. */
  readonly tables?: KeptTables;
  /** The settings that were read again last, if they were refused. Default: they were not. */
  readonly refusedSettings?: () => { readonly atMs: number; readonly reason: string } | undefined;
  readonly probes: MonitorProbes;
  /** Where the services are, for people. Default: it is not said. */
  readonly addresses?: DependencyOptions["addresses"];
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
