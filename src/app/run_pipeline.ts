import { openLeasedFleet } from "./leased_fleet.ts";
import { type Adapters, compose, type Pipeline } from "./compose.ts";
import { type Act, type DestinationFailures, openHttp, openMonitor } from "./monitoring.ts";
import { observePipeline, type Watchers } from "./observe_pipeline.ts";
import type { PipelineObserver } from "./pipeline_observer.ts";
import { openTracing } from "./open_tracing.ts";
import { giveOrder } from "./stream_orders.ts";
import type { Status } from "../observe/status/status.ts";
import { pipelineSettings, streamChoice } from "./pipeline_settings.ts";
import { preflight } from "./preflight.ts";
import { TableKeeper, type TableKeeperParts } from "./tables/table_keeper.ts";
import { type AppTools, type Places, Resources } from "./adapters.ts";
import type { LossLedger } from "../journal/losses/loss_ledger.ts";
import type { UnheldLosses } from "../journal/losses/unheld_losses.ts";
import type { Monitor } from "../observe/monitor.ts";
import type { LiveConfig } from "../config/live_config.ts";
import type { Config } from "../config/config.ts";
import type { Fleet } from "../coordinate/fleet.ts";
import type { Self } from "../coordinate/self.ts";
import { RECORD_VERSIONS } from "../model/record.ts";
import { isRangeKey, snapshotKey } from "../model/snapshot.ts";
import { streamName } from "../model/stream.ts";
import { keepRefreshing } from "../pipeline/run/keep_refreshing.ts";
import { Bell } from "../support/flow/notify.ts";
import type { LogFields } from "../support/log.ts";
import { VERSION } from "../support/version.ts";

/** A loss that somebody accepts is left out of the metrics so soon. */
const ACCEPTED_MS = 15_000;

/** Journals that nobody has are looked for so often: a few requests, by one instance. The alerts look back five minutes. */
const UNHELD_MS = 120_000;

/** Connections that are silent for longer are cut by some networks. */
const IDLE_AWAIT_MS_MAX = 30_000;

/** What nothing happens in is read up to some time ago; that is lag, and of the lag that is allowed not much. */
const IDLE_AWAIT_LAG_SHARE = 0.1;

/** How a run ended: stopped on demand, nothing left that runs, or never begun. */
export type RunOutcome = "stopped" | "all-failed";

/** What can be asked of a pipeline that runs. */
export interface RunningPipeline {
  /** Of this instance and, as far as it knows them, of all others. */
  status(): Status;
  /** Gives an order for the streams that a word means, as `status` names them. */
  readonly order: Act;
}

/**
 * Runs the pipeline until `stop`. `hard` ends it at once, with whatever is under way (the journal finishes it at the
 * next start). Throws before the first event if the preflight fails.
 *
 * Of a configuration that takes the place of `live`'s first one, what streams there are and how they are set is followed.
 */
export async function runPipeline(
  live: LiveConfig,
  tools: AppTools,
  stop: AbortSignal,
  hard: AbortSignal,
  ready: (running: RunningPipeline) => void,
): Promise<RunOutcome> {
  const config = live.current;
  const resources = new Resources(config, tools, hard);
  try {
    const source = resources.source({
      idleAwaitMsMax: Math.min(IDLE_AWAIT_MS_MAX, config.readyMaxLagMs * IDLE_AWAIT_LAG_SHARE),
      documentsFrom: config.snapshotReadPreference,
    });
    await preflight(source, config, tools, AbortSignal.any([stop, hard]));
    const failures: DestinationFailures = { told: () => {} };
    const recovery = new Bell();
    const places = await resources.places({
      recovery,
      onFailure: (...failure) => failures.told(...failure),
    });
    const owner = `${tools.hostName}-${tools.random.uuid()}`;
    const fleet = await openLeasedFleet(config, tools, resources, selfOf(config, owner));
    // Where the instances meet must answer, too, before anything begins.
    await fleet.changes();
    const asked = await resources.places({ forProbe: true, connectionsMax: 2 });
    const losses = resources.losses(places.lake);
    const unheldLosses = resources.unheldLosses(places.lake, resources.journal(places));
    const encoder = resources.encoder();
    const watchers: Watchers = {};
    const adapters = {
      ...resources.streamAdapters(source, places),
      ...{ encoder, fleet, losses, recovery },
      isFaultShared: () => watchers.monitor?.isFaultShared ?? false,
    };
    const observer = observePipeline(tools, config, watchers);
    resources.defer(() => Promise.resolve(observer[Symbol.dispose]()));
    const pipeline = composeOf(live, { adapters, owner, observer }, hard);
    resources.defer(() => pipeline.close());
    const tables = tableKeeper({ config, tools, places, fleet, state: adapters.state, owner });
    const parts = {
      ...{ config, live, tools, resources, adapters, pipeline, fleet, owner, asked },
      tables,
      ...{ unheldLosses, recovered: () => recovery.ring() },
    };
    const inOrder = { ...tools, log: observer.inOrder };
    const monitor = openMonitor({ ...parts, tools: inOrder, signal: hard }, failures);
    watchers.monitor = monitor;
    const order = ordersOf(pipeline, fleet, monitor);
    const address = await openHttp({ ...parts, signal: hard }, monitor, order);
    monitor.setAddress(address);
    const tracing = await openTracing(parts);
    if (tracing !== undefined) watchers.tracing = tracing;
    stop.addEventListener("abort", () => monitor.setPhase("stopping"));
    await pipeline.look();
    monitor.setPhase("running");
    ready({ status: () => monitor.status(), order });
    tools.log.info("Pipeline started", startedFields(config, pipeline, places, address));
    const ends = AbortSignal.any([stop, hard]);
    if (tables !== undefined) keepUntil(ends, tables, resources);
    keepCounting({ losses, unheldLosses, monitor, pipeline }, tools, ends);
    return await pipeline.run(stop, address);
  } finally {
    await resources.release();
  }
}

/** Takes orders for streams and for whole snapshots. */
function ordersOf(pipeline: Pipeline, fleet: Fleet, monitor: Monitor): Act {
  const { running, pauses } = pipeline;
  return (action, word) => {
    const snapshots = pipeline.snapshots.map(({ id }) => ({ key: snapshotKey(id), owner: null }));
    const known = [...monitor.status().streams, ...snapshots];
    return giveOrder({ fleet, running, pauses }, known, action, word);
  };
}

function startedFields(
  { pipelineName, journal }: Config,
  { streams }: Pipeline,
  { destination, lake }: Places,
  address: string | undefined,
): LogFields {
  return {
    pipeline: pipelineName,
    streams: [...streams.values()].map(streamName),
    destination: destination.url,
    ...(journal === undefined ? {} : { journal: lake.url }),
    ...(address === undefined ? {} : { http: address }),
  };
}

/** Undefined where no tables are wanted. */
function tableKeeper(parts: TableKeeperParts & { config: Config }): TableKeeper | undefined {
  return parts.config.tables.length === 0 ? undefined : new TableKeeper(parts);
}

/** What it has open is released last. */
function keepUntil(ends: AbortSignal, tables: TableKeeper, resources: Resources): void {
  const keeping = tables.keep(ends);
  resources.defer(() => keeping);
}

interface Counted {
  readonly losses: LossLedger;
  readonly unheldLosses: UnheldLosses;
  readonly monitor: Monitor;
  readonly pipeline: Pipeline;
}

/** Looks again and again what is lost, and what of it somebody has accepted. */
function keepCounting(
  { losses, unheldLosses, monitor, pipeline }: Counted,
  { clock, log }: AppTools,
  ends: AbortSignal,
): void {
  const lookAtUnheld = async () => {
    if (!monitor.isFirst) return unheldLosses.forget();
    const held = monitor.heldStreams;
    await unheldLosses.look((key) => held.has(key));
  };
  const isStream = (key: string) => !isRangeKey(key);
  const look = () => losses.look([...pipeline.running.keys()].filter(isStream));
  const failed = (error: unknown) => log.warn("Accepted losses could not be listed", { error });
  void keepRefreshing(look, ACCEPTED_MS, clock, ends, failed);
  const notLooked = (error: unknown) =>
    log.warn("Losses of streams that nobody has could not be looked up", { error });
  void keepRefreshing(lookAtUnheld, UNHELD_MS, clock, ends, notLooked);
}

interface ComposeParts {
  readonly adapters: Adapters;
  readonly owner: string;
  readonly observer: PipelineObserver;
}

function selfOf({ instanceName: instance }: Config, owner: string): Self {
  return { owner, instance, version: VERSION, recordVersion: RECORD_VERSIONS.at(-1)! };
}

/** A pipeline that follows the configuration. */
function composeOf(
  live: LiveConfig,
  { adapters, owner, observer }: ComposeParts,
  signal: AbortSignal,
): Pipeline {
  const config = live.current;
  const self = selfOf(config, owner);
  const pipeline = compose(adapters, pipelineSettings(config, self), observer, signal);
  live.onReplaced((next) => pipeline.replace(streamChoice(next)));
  return pipeline;
}
