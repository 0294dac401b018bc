import type { Config, HttpOptions } from "../config/config.ts";
import type { Fleet } from "../coordinate/fleet.ts";
import type { UnheldLosses } from "../journal/losses/unheld_losses.ts";
import type { LiveConfig } from "../config/live_config.ts";
import { createMeeting } from "../coordinate/meeting.ts";
import type { OpenDestination } from "../destination/open_destination.ts";
import { probeWriting } from "../destination/probe.ts";
import { hostInUrl, isEveryInterface } from "../model/address/http_address.ts";
import { mongodbHosts } from "../model/address/mongodb_hosts.ts";
import { errorMessage, isRefused, PermanentError } from "../model/errors.ts";
import { isRangeKey } from "../model/snapshot.ts";
import { streamName } from "../model/stream.ts";
import { startHttp } from "../observe/http/http_server.ts";
import type { ActionOutcome, StreamAction } from "../observe/http/http_routes.ts";
import { Monitor } from "../observe/monitor.ts";
import type { KeptTables } from "../observe/metrics/table_gauges.ts";
import type { ObservedStream } from "../observe/status/stream_board.ts";
import { PROBE_TIMEOUT_MS } from "../observe/status/dependency_watch.ts";
import type { MongoSource } from "../source/mongo/mongo_source.ts";
import { rememberLast } from "../support/remember_last.ts";
import { VERSION } from "../support/version.ts";
import type { Pipeline } from "./compose.ts";
import type { AppTools, Places, Resources } from "./adapters.ts";
import type { StreamAdapters } from "./stream_parts.ts";

/** Gives an order for the streams that a word means. */
export type Act = (action: StreamAction, word: string) => Promise<ActionOutcome>;

/** Who is told of failed requests to the destination; it is opened before there is anybody. */
export interface DestinationFailures {
  told(error: Error, again: boolean, key?: string): void;
}

/** What is watched, and by whom. */
export interface MonitorParts {
  readonly config: Config;
  /** The configuration in force; batches may be others than `config` has. */
  readonly live: Pick<LiveConfig, "current" | "refused" | "onRefusal">;
  readonly tools: AppTools;
  readonly resources: Resources;
  readonly adapters: Pick<StreamAdapters, "journal" | "state"> & {
    readonly source: Pick<MongoSource, "reach">;
  };
  readonly pipeline: Pick<
    Pipeline,
    "parts" | "reading" | "streams" | "snapshots" | "running" | "pauses"
  >;
  readonly fleet: Fleet;
  readonly owner: string;
  /** The destination and the journal once more, to be asked whether they answer: such that give up soon. */
  readonly asked: Places;
  /** The tables that this instance keeps. */
  readonly tables?: KeptTables | undefined;
  /** What is lost of streams that nobody has. */
  readonly unheldLosses: Pick<UnheldLosses, "known">;
  /** Is told when a service answers again after it was away. */
  readonly recovered: () => void;
  readonly signal: AbortSignal;
}

/** A key that is never there: asking for it shows whether the destination answers. */
const PROBED_KEY = "_tributary/probe/none";

/** A call that waits for a connection fails with the reason before the probe would only say that there is no answer. */
const REDIS_PROBE_MS_MAX = PROBE_TIMEOUT_MS - 1000;

/** A journal in a place of its own is a part of the destination to those who wait for it. */
async function eachOf(
  { lake, destination }: Places,
  ask: (store: OpenDestination) => Promise<unknown>,
): Promise<void> {
  await Promise.all(lake === destination ? [ask(lake)] : [ask(lake), ask(destination)]);
}

/** What the program knows of itself, from here on. */
export function openMonitor(parts: MonitorParts, failures: DestinationFailures): Monitor {
  const { config, tools, resources, adapters, pipeline, fleet, owner, asked, signal } = parts;
  const { clock, random, log } = tools;
  const instance = config.instanceName;
  const meeting = createMeeting({
    fleet,
    state: adapters.state,
    owner,
    instance,
    clock,
    random,
    signal,
  });
  const redis = config.lock.kind === "redis" ? resources.redis(REDIS_PROBE_MS_MAX) : undefined;
  const monitor = new Monitor({
    instance: { id: owner, name: instance, pipeline: config.pipelineName, version: VERSION },
    metricsPrefix: config.metricsPrefix,
    readyMaxLagMs: config.readyMaxLagMs,
    batchAgeMsMax: () => parts.live.current.batchTimeoutMs,
    refusedSettings: () => parts.live.refused,
    leaseTtlMs: config.lock.ttlMs,
    budget: pipeline.parts.budget,
    paused: () => {
      const { names, sinceMs } = pipeline.pauses;
      // Snapshots are no streams.
      return [...names].filter(([key]) => !isRangeKey(key))
        .map(([key, name]) => ({ key, name, sinceMs: sinceMs.get(key) }));
    },
    loops: () =>
      [...pipeline.running.values()].flatMap(({ name, supervised: { run } }) =>
        run === undefined ? [] : [{ name, lastTurnMs: run.lastTurnMs }]
      ),
    probes: {
      mongodb: (probing) => adapters.source.reach(probing),
      destination: () => eachOf(asked, (store) => store.head(PROBED_KEY)),
      ...(redis === undefined ? {} : { redis: () => redis.call("PING") }),
    },
    addresses: {
      mongodb: mongodbHosts(config.mongodbUri),
      ...(redis === undefined ? {} : { redis: redis.description }),
    },
    workProbes: { destination: () => eachOf(asked, (store) => probeWriting(store, random)) },
    reading: () => ({
      readers: [...pipeline.reading.readers(), ...pipeline.reading.unshared()],
      waiting: pipeline.reading.waiting(),
    }),
    positionOf: async (key) => (await adapters.journal.last(key))?.to.operationTime,
    unheldLosses: () => parts.unheldLosses.known,
    recovered: parts.recovered,
    wanted: wantedOf(pipeline),
    snapshots: () => pipeline.snapshots,
    ...(parts.tables === undefined ? {} : { tables: parts.tables }),
    log,
    ...(fleet.isShared
      ? {
        fleet: {
          everyMs: fleet.poll.viewMs,
          view: () => meeting.view(),
          tell: (news, ttlMs) => fleet.news.tell({ owner, ...news }, ttlMs),
        },
      }
      : {}),
    clock,
  });
  parts.live.onRefusal(() => monitor.tellSoon());
  failures.told = (error, again, key) =>
    monitor.destinationFailed(errorMessage(error), again, isRefused(error), key);
  resources.defer(async () => await monitor[Symbol.asyncDispose]());
  return monitor;
}

/** The streams that are to run, as people see them: the same list while they are the same. */
function wantedOf(pipeline: Pick<Pipeline, "streams">): () => readonly ObservedStream[] {
  const listOf = rememberLast((streams: Pipeline["streams"]) =>
    [...streams].map(([key, stream]) => ({ key, name: streamName(stream) }))
  );
  return () => listOf(pipeline.streams);
}

/**
 * Serves what the monitor knows. Where nobody chose the address and it is taken, as by a second copy on one machine, the
 * program runs without and says so: events matter more than a page.
 *
 * @returns the address for people; undefined where nothing is served.
 */
export async function openHttp(
  parts: MonitorParts,
  monitor: Monitor,
  act: Act,
): Promise<string | undefined> {
  const { config, tools: { clock, log, logTail, hostName }, resources } = parts;
  if (config.http === undefined) return undefined;
  try {
    const http = await startHttp({
      address: config.http,
      monitor,
      clock,
      ...(logTail === undefined ? {} : { logTail }),
      act,
    });
    resources.defer(async () => await http[Symbol.asyncDispose]());
    return addressOf(config.http, http.port, hostName);
  } catch (error) {
    if (config.http.isChosen || !(error instanceof PermanentError)) throw error;
    log.warn("Running without HTTP; set HTTP_ADDRESS to another one, or to none", { error });
    return undefined;
  }
}

/** Where it listens on all interfaces, it can be reached by the machine's name. */
function addressOf({ host, tls }: HttpOptions, port: number, hostName: string): string {
  const shown = isEveryInterface(host) ? hostName : hostInUrl(host);
  return `${tls === undefined ? "http" : "https"}://${shown}:${port}`;
}
