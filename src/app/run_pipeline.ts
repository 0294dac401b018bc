import { assertRoomForStreams } from "./check_keys.ts";
import { meetingPlace } from "./meeting_place.ts";
import {
  type DestinationFailures,
  type MonitorParts,
  openHttp,
  openMonitor,
} from "./monitoring.ts";
import { openTracing } from "./open_tracing.ts";
import { planeOf, streamCatalog, streamSetup, wantedCollections } from "./plane.ts";
import { type AppTools, Resources, withResources } from "./resources.ts";
import { followOrders, type RunningStreams } from "./stream_orders.ts";
import { findWithoutStream } from "./without_stream.ts";
import { type Clock, sleep } from "../support/clock.ts";
import { shareRuns } from "../support/share_runs.ts";
import { VERSION } from "../support/version.ts";
import type { Config } from "../config/config.ts";
import type { LiveConfig } from "../config/live_config.ts";
import { streamSettings } from "../config/stream_settings.ts";
import { coordinate } from "../coordinate/coordinator.ts";
import { openFleet } from "../coordinate/fleet.ts";
import { Rivals } from "../coordinate/rivals.ts";
import type { RunningStream, StartStream } from "../coordinate/held_stream.ts";
import { probeDestination } from "../destination/probe.ts";
import { RECORD_VERSIONS } from "../model/record.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { selectionOf } from "../model/selection.ts";
import { PermanentError } from "../model/errors.ts";
import { streamName } from "../model/stream.ts";
import { logCoordinateEvent } from "../observe/coordinate_log.ts";
import { logPipelineEvent } from "../observe/pipeline_log.ts";
import type { Monitor } from "../observe/monitor.ts";
import type { Tracing } from "../observe/tracing.ts";
import { keepRefreshing } from "../pipeline/keep_refreshing.ts";
import type { StreamCatalog } from "../pipeline/stream_catalog.ts";
import type { StreamContext } from "../pipeline/stream_context.ts";
import type { StreamSetup } from "../pipeline/stream_setup.ts";
import { type SupervisedStream, superviseStream } from "../pipeline/supervise_stream.ts";
import { describeWithoutStream, refusalOf } from "../source/without_stream.ts";
import type { MongoSource } from "../source/mongo_source.ts";

/** How soon a new collection or layout is noticed at the latest. */
const REFRESH_MS = 30_000;

/** So long news of collections are gathered before they are looked for: where many come and go, each look costs requests. */
const NEWS_MS = 1_000;

/** Connections that are silent for longer are cut by some networks. */
const IDLE_AWAIT_MS_MAX = 30_000;

/** What nothing happens in is read up to some time ago; that is lag, and of the lag that is allowed not much. */
const IDLE_AWAIT_LAG_SHARE = 0.1;

/** How a run ended: stopped on demand, nothing left that runs, or never begun. */
export type RunOutcome = "stopped" | "all-failed";

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
  ready: () => void,
): Promise<RunOutcome> {
  const config = live.current;
  const resources = new Resources(config, tools, hard);
  try {
    const source = resources.source({
      idleAwaitMsMax: Math.min(IDLE_AWAIT_MS_MAX, config.readyMaxLagMs * IDLE_AWAIT_LAG_SHARE),
    });
    await preflight(source, config, tools, AbortSignal.any([stop, hard]));
    const owner = `${tools.hostName}-${tools.random.uuid()}`;
    const failures: DestinationFailures = { told: () => {} };
    const destination = await resources.destination({
      onFailure: (error, again) => failures.told(error, again),
    });
    const plane = planeOf(config, tools, resources, { source, destination });
    const fleet = openFleet(meetingPlace(config, resources), tools.clock, tools.random);
    // Where the instances meet must answer, too, before anything begins.
    await fleet.members.changes();
    const running: RunningStreams = new Map();
    const pauses = { names: new Map(), changed: () => {} };
    const parts = { config, tools, resources, plane, fleet, owner, running, pauses, signal: hard };
    const monitor = openMonitor(parts, failures);
    const address = await openHttp(parts, monitor);
    monitor.setAddress(address);
    const tracing = await openTracing(parts);
    stop.addEventListener("abort", () => monitor.setPhase("stopping"));
    const selection = selectionOf(plane.settings);
    const rivals = new Rivals({ members: fleet.members, owner, selection, clock: tools.clock });
    // Before the streams themselves follow: they ask.
    live.onReplaced((next) => rivals.select(selectionOf(streamSettings(next, ENCODER_VERSION))));
    const setup = streamSetup(live, plane);
    const news = { come: () => {} };
    const wanted = wantedCollections(live, plane, tools, () => news.come(), hard);
    resources.defer(() => wanted.close());
    const catalog = streamCatalog(live, plane, tools, wanted, hard);
    await catalog.refresh();
    ready();
    monitor.setPhase("running");
    tools.log.info("Pipeline started", {
      pipeline: config.pipelineName,
      streams: [...catalog.streams.values()].map(streamName),
      destination: destination.url,
      ...(address === undefined ? {} : { http: address }),
    });
    const rest = { live, rivals, setup, monitor, tracing, catalog, news, address };
    return await runFleet({ ...parts, ...rest }, stop);
  } finally {
    await resources.release();
  }
}

/** What streams are run with, and who knows of them. */
interface FleetParts extends MonitorParts {
  readonly live: LiveConfig;
  readonly rivals: Rivals;
  readonly setup: StreamSetup;
  readonly monitor: Monitor;
  readonly tracing: Tracing | undefined;
  readonly catalog: StreamCatalog;
  /** Is made to look for streams when collections have begun or ended. */
  readonly news: { come: () => void };
  /** Of this instance's HTTP server. */
  readonly address: string | undefined;
}

async function runFleet(parts: FleetParts, stop: AbortSignal): Promise<RunOutcome> {
  const { config, tools: { clock, random, log }, fleet, owner, pauses, signal } = parts;
  const { live, monitor, catalog, news } = parts;
  const listeners: (() => void)[] = [];
  // News come faster than looks end; whoever asks meanwhile shares the next look.
  const refresh = shareRuns(async (): Promise<void> => {
    await catalog.refresh();
    for (const listener of listeners) listener();
  });
  pauses.changed = () => listeners.forEach((listener) => listener());
  // What was known stays in force; the streams themselves meet the same servers.
  const failed = (error: unknown) => log.warn("Streams could not be looked up", { error });
  const ending = AbortSignal.any([stop, signal]);
  void keepRefreshing(refresh, REFRESH_MS, clock, ending, failed);
  const refreshSoon = () => void refresh().catch(failed);
  live.onReplaced(refreshSoon);
  let isComing = false;
  news.come = () => {
    if (isComing) return;
    isComing = true;
    void sleep(clock, NEWS_MS, ending).then(() => {
      isComing = false;
      refreshSoon();
    }, () => {}); // It is the end, and nobody looks any more.
  };
  const start = streamStarter(parts, refreshSoon);
  const { rivals } = parts;
  return await coordinate({
    fleet,
    start,
    clock,
    random,
    self: {
      ...{
        owner,
        instance: config.instanceName,
        version: VERSION,
        recordVersion: RECORD_VERSIONS.at(-1)!,
      },
      ...(parts.address === undefined ? {} : { address: parts.address }),
    },
    streams: () => [...catalog.streams.keys()].filter((key) => !pauses.names.has(key)),
    refresh: () => followOrders(parts),
    onStreamsChanged: (listener) => listeners.push(listener),
    onUnknownStreams: refreshSoon,
    onMembers: (members) => parts.plane.recordFormat.noteMembers(members),
    rivals,
    timing: {
      ttlMs: config.lock.ttlMs,
      refreshMs: config.lock.refreshIntervalMs,
      retryMs: config.lock.retryIntervalMs,
    },
    observe: (event) => {
      monitor.coordinateEvent(event);
      logCoordinateEvent(log, config.instanceName, event);
    },
  }, stop);
}

/** Starts streams for the control plane; `lookAgain` is called when one has ended for good, or must be left to another. */
function streamStarter(
  { config, tools, resources, plane, running, setup, rivals, monitor, tracing, catalog }:
    FleetParts,
  lookAgain: () => void,
): StartStream {
  const encoder = resources.encoder();
  const rivalOf = async (key: string): Promise<string | undefined> => {
    const rival = await rivals.ask(key);
    // The stream is to be left to the other at once, not at the next look.
    if (rival !== undefined) lookAgain();
    return rival;
  };
  return (key, lease, stop, onChange) => {
    const stream = catalog.streams.get(key)!;
    const name = streamName(stream);
    const observe: StreamContext["observe"] = (event) => {
      monitor.pipelineEvent({ key, name }, event);
      logPipelineEvent(tools.log, name, event);
      tracing?.pipelineEvent({ key, name }, event);
    };
    const contextNow = () => setup.contextOf({ ...plane, encoder, stream, key, observe, rivalOf });
    const supervised = superviseStream(contextNow, lease, stop, (condition) => {
      onChange();
      // The next layout's streams may begin when the last one of this has ended.
      if (condition === "closed") lookAgain();
    });
    running.set(key, { name, supervised });
    void supervised.ended.then(() => {
      if (running.get(key)?.supervised === supervised) running.delete(key);
    });
    return runningStream(supervised, config.lock.ttlMs, tools.clock);
  };
}

/** Fails with one sentence if MongoDB or the destination cannot be used as configured. */
export async function preflight(
  source: MongoSource,
  config: Config,
  tools: AppTools,
  signal: AbortSignal,
): Promise<void> {
  await source.describe(signal);
  const { named, others } = await findWithoutStream(source, config.watch, signal);
  if (named.length > 0) throw new PermanentError(named.map(refusalOf).join("; "));
  if (others.length > 0) {
    tools.log.info("Views and time series have no change events and are left out", {
      leftOut: others.map(describeWithoutStream),
    });
  }
  await withResources(config, { tools, signal }, async (resources) => {
    const destination = await resources.destination({ forProbe: true });
    await assertRoomForStreams(destination, config);
    await probeDestination(destination, tools.random);
  });
}

/** A stream as the control plane sees it. Its loop turns again and again, unless it hangs. */
function runningStream(
  supervised: SupervisedStream,
  silentMsMax: number,
  clock: Clock,
): RunningStream {
  return {
    get condition() {
      return supervised.condition;
    },
    ended: supervised.ended,
    isAlive() {
      const { run } = supervised;
      return run === undefined || clock.monotonicMs() - run.lastTurnMs <= silentMsMax;
    },
  };
}
