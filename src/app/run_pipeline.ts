import { meetingPlace } from "./meeting_place.ts";
import { planeOf, streamCatalog } from "./plane.ts";
import { type AppTools, Resources, withResources } from "./resources.ts";
import type { Clock } from "../support/clock.ts";
import { VERSION } from "../support/version.ts";
import type { Config } from "../config/config.ts";
import { streamsExpected } from "../config/watched_streams.ts";
import { coordinate } from "../coordinate/coordinator.ts";
import { openFleet } from "../coordinate/fleet.ts";
import type { RunningStream } from "../coordinate/held_stream.ts";
import { probeDestination } from "../destination/probe.ts";
import { streamName } from "../model/stream.ts";
import { logCoordinateEvent } from "../observe/coordinate_log.ts";
import { logPipelineEvent } from "../observe/pipeline_log.ts";
import { keepRefreshing } from "../pipeline/keep_refreshing.ts";
import type { StreamContext } from "../pipeline/stream_context.ts";
import { type SupervisedStream, superviseStream } from "../pipeline/supervise_stream.ts";
import type { MongoSource } from "../source/mongo_source.ts";

/** How soon a new collection or layout is noticed at the latest. */
const REFRESH_MS = 30_000;

/** How a run ended: stopped on demand, nothing left that runs, or never begun. */
export type RunOutcome = "stopped" | "all-failed";

/**
 * Runs the pipeline until `stop`. `hard` ends it at once, with whatever is under way (the journal finishes it at the
 * next start). Throws before the first event if the preflight fails.
 */
export async function runPipeline(
  config: Config,
  tools: AppTools,
  stop: AbortSignal,
  hard: AbortSignal,
  ready: () => void,
): Promise<RunOutcome> {
  const resources = new Resources(config, tools, hard);
  try {
    const source = resources.source(streamsExpected(config.watch, config.partitions));
    await preflight(source, config, tools, AbortSignal.any([stop, hard]));
    const destination = await resources.destination();
    const shared = {
      ...planeOf(config, tools, resources, { source, destination }),
      encoder: resources.encoder(),
    };
    const catalog = streamCatalog(config, shared, tools, hard);
    await catalog.refresh();
    ready();
    // What was known stays in force; the streams themselves meet the same servers.
    const failed = (error: unknown) => tools.log.warn("Streams could not be looked up", { error });
    const ended = AbortSignal.any([stop, hard]);
    const changed: (() => void)[] = [];
    const refresh = async (): Promise<void> => {
      await catalog.refresh();
      for (const listener of changed) listener();
    };
    void keepRefreshing(refresh, REFRESH_MS, tools.clock, ended, failed);
    tools.log.info("Pipeline started", {
      pipeline: config.pipelineName,
      streams: [...catalog.streams.values()].map(streamName),
      destination: destination.url,
    });
    return await coordinate({
      fleet: openFleet(meetingPlace(config, resources), tools.clock, tools.random),
      self: {
        owner: `${tools.hostName}-${tools.random.uuid()}`,
        instance: config.instanceName,
        version: VERSION,
      },
      streams: () => [...catalog.streams.keys()],
      onStreamsChanged: (listener) => changed.push(listener),
      timing: {
        ttlMs: config.lock.ttlMs,
        refreshMs: config.lock.refreshIntervalMs,
        retryMs: config.lock.retryIntervalMs,
      },
      clock: tools.clock,
      random: tools.random,
      observe: (event) => logCoordinateEvent(tools.log, config.instanceName, event),
      start: (key, lease, streamStop, onChange) => {
        const stream = catalog.streams.get(key)!;
        const name = streamName(stream);
        const observe: StreamContext["observe"] = (event) =>
          logPipelineEvent(tools.log, name, event);
        const context = { ...shared, stream, key, observe };
        const supervised = superviseStream(context, lease, streamStop, (condition) => {
          onChange();
          // The next layout's streams may begin when the last one of this has ended.
          if (condition === "closed") refresh().catch(failed);
        });
        return runningStream(supervised, config.lock.ttlMs, tools.clock);
      },
    }, stop);
  } finally {
    await resources.release();
  }
}

/** Fails with one sentence if MongoDB or the destination cannot be used as configured. */
export async function preflight(
  source: MongoSource,
  config: Config,
  tools: AppTools,
  signal: AbortSignal,
): Promise<void> {
  await source.describe(signal);
  await withResources(config, { tools, signal }, async (resources) => {
    await probeDestination(await resources.destination(true), tools.random);
  });
}

/** A stream as the control plane sees it. Its loop turns each second, unless it hangs. */
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
