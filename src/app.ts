/**
 * The composition root: the only file that knows which adapter stands behind which interface. It builds what a verb
 * needs from the configuration and releases it in reverse.
 */
import { pathToFileURL } from "node:url";
import type { Config, LakeConfig } from "./config/config.ts";
import { destinationUrl } from "./config/destination_target.ts";
import { watchedCollections, wholeStreams } from "./config/watched_streams.ts";
import { streamSettings } from "./config/stream_settings.ts";
import { keepStreams } from "./coordinate/keep_streams.ts";
import { createMemoryLeases } from "./coordinate/memory_leases.ts";
import { openDestination } from "./destination/destinations.ts";
import {
  DEFAULT_RETRY,
  type OpenDestination,
  PROBE_RETRY,
} from "./destination/open_destination.ts";
import { limitRequests } from "./destination/limit_requests.ts";
import { probeDestination } from "./destination/probe.ts";
import { ENCODER_VERSION } from "./encode/columns.ts";
import { createInlineEncoder } from "./encode/inline_encoder.ts";
import { createEncoderPool } from "./encode/pool.ts";
import { countRows } from "./encode/row_count.ts";
import { startEncodeWorker } from "./encode/start_worker.ts";
import { createObjectJournal } from "./journal/object_journal.ts";
import { createObjectLayouts } from "./journal/object_layouts.ts";
import { writeTips } from "./journal/tip_writer.ts";
import type { StreamReport } from "./journal/verify.ts";
import { type LakeReport, verifyLake } from "./journal/verify_lake.ts";
import { PermanentError } from "./model/errors.ts";
import type { CollectionStream } from "./model/layout.ts";
import { streamName } from "./model/stream.ts";
import { logPipelineEvent } from "./observe/pipeline_log.ts";
import { keepRefreshing } from "./pipeline/keep_refreshing.ts";
import { MemoryBudget } from "./pipeline/memory_budget.ts";
import type { Encoder, Journal, Layouts, StateStore } from "./pipeline/stages.ts";
import { resolveStart } from "./pipeline/start_position.ts";
import { StreamCatalog } from "./pipeline/stream_catalog.ts";
import type { StreamContext, StreamOptions } from "./pipeline/stream_context.ts";
import { superviseStream } from "./pipeline/supervise_stream.ts";
import { judgePreflight } from "./source/judge_preflight.ts";
import { PREFLIGHT_STREAMS_IN_FLIGHT_MAX } from "./source/preflight.ts";
import { createMongoSource, type MongoSource } from "./source/mongo_source.ts";
import { checkRedis } from "./state/check_redis.ts";
import { connectRedis, type RedisConnection } from "./state/redis_connection.ts";
import { createStateStore } from "./state/stores.ts";
import type { Clock } from "./support/clock.ts";
import { type Finding, findingsOf } from "./support/finding.ts";
import type { Log } from "./support/log.ts";
import type { Random } from "./support/random.ts";

/** What the program is given by the process it runs in. */
export interface AppTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly hostName: string;
}

/** Objects of one batch at most; a batch with more is cut earlier. */
const OBJECTS_A_RECORD_MAX = 1000;

/** The longest silence in the journal of an idle stream. */
const HEARTBEAT_MS_MAX = 10 * 60_000;

/** How soon a new collection or layout is noticed at the latest. */
const REFRESH_MS = 30_000;

/** Connections for journals and probes beside the uploads. */
const SPARE_CONNECTIONS = 8;

/** Adapters that are open; `release` closes them, the last opened first. */
export class Resources {
  readonly #config: LakeConfig;
  readonly #tools: AppTools;
  readonly #signal: AbortSignal;
  readonly #releasers: (() => Promise<void>)[] = [];

  /** `signal` ends waits and retries of everything opened here. */
  constructor(config: LakeConfig, tools: AppTools, signal: AbortSignal) {
    this.#config = config;
    this.#tools = tools;
    this.#signal = signal;
  }

  /** The destination; `forProbe` gives up soon, because a person waits. */
  async destination(
    forProbe = false,
    connectionsMax = this.#config.uploadsInFlight * 2 + SPARE_CONNECTIONS,
  ): Promise<OpenDestination> {
    const { maxRetries, retryDelayMs, maxRetryDelayMs, s3 } = this.#config;
    const { clock, random } = this.#tools;
    const retry = {
      ...DEFAULT_RETRY,
      retriesMax: maxRetries,
      firstMs: retryDelayMs,
      maxMs: maxRetryDelayMs,
    };
    const destination = await openDestination(destinationUrl(this.#config.destination), {
      retry: forProbe ? PROBE_RETRY : retry,
      connectionsMax,
      s3,
    }, { clock, random, signal: this.#signal });
    this.#releasers.push(() => destination.close());
    return destination;
  }

  /** The journals of a destination, with tips written behind. */
  journal(destination: OpenDestination): Journal {
    const { log } = this.#tools;
    return writeTips(createObjectJournal(destination), destination, (stream, seq, error) => {
      log.warn("Tip could not be written; a later writer makes it good", { stream, seq, error });
    });
  }

  source(streamsMax: number): MongoSource {
    const { clock, random } = this.#tools;
    const uri = this.#config.mongodbUri;
    if (uri === undefined) {
      throw new PermanentError("Cannot read from MongoDB: MONGODB_URI is not set");
    }
    const source = createMongoSource({ uri, streamsMax, clock, random });
    this.#releasers.push(() => source.close());
    return source;
  }

  encoder(): Encoder {
    const { clock } = this.#tools;
    if (this.#config.encoders === 0) return createInlineEncoder(clock);
    const pool = createEncoderPool({
      workers: this.#config.encoders,
      createWorker: () => startEncodeWorker(),
      clock,
    });
    this.#releasers.push(async () => await pool[Symbol.asyncDispose]());
    return pool;
  }

  state(): StateStore {
    const { stateStore, lock, pipelineName } = this.#config;
    const parts = { clock: this.#tools.clock, pipeline: pipelineName };
    if (stateStore.kind === "memory") return createStateStore("memory", parts);
    if (stateStore.kind === "file") {
      return createStateStore(pathToFileURL(stateStore.directory).href, parts);
    }
    const caller = this.redis();
    const keyPrefix = `{${lock.keyPrefix}:${pipelineName}}`;
    const { expiryMs } = stateStore;
    const options = expiryMs === undefined ? { keyPrefix } : { keyPrefix, expiryMs };
    return createStateStore("redis", { ...parts, redis: { caller, ...options } });
  }

  redis(): RedisConnection {
    const { clock, random } = this.#tools;
    const url = this.#config.redis?.url;
    if (url === undefined) throw new PermanentError("Cannot use Redis: REDIS_URL is not set");
    const connection = connectRedis(url, { clock, random });
    this.#releasers.push(() => connection.close());
    return connection;
  }

  async release(): Promise<void> {
    for (let release = this.#releasers.pop(); release; release = this.#releasers.pop()) {
      await release();
    }
  }
}

/** The streams that the settings name, and what becomes of them as collections appear and are divided. */
function streamCatalog(
  config: Config,
  { source, tools, signal, ...shared }: CatalogParts,
): StreamCatalog {
  const { watch, partitions } = config;
  const settings = streamSettings(config, ENCODER_VERSION);
  return new StreamCatalog({
    ...shared,
    partitions,
    whole: wholeStreams(watch),
    collections: () => watchedNow(config, source, signal),
    resolveStart: (stream) => resolveStart({ source, stream, settings, options: config }, signal),
    differs: (stream, of) => {
      tools.log.warn("PARTITIONS differs from the layout in force, which stays", {
        stream: streamName(stream),
        partitions: of,
        change: `tributary layout set ${stream.database}.${stream.collection} ${partitions}`,
      });
    },
  });
}

/** The collections that are watched each on its own, as of now. */
function watchedNow(
  { watch }: Config,
  source: MongoSource,
  signal: AbortSignal,
): Promise<CollectionStream[]> {
  return watchedCollections(watch, async () => {
    if (watch.level !== "collection") return [];
    return await source.listNamespaces(watch.filter, undefined, signal);
  });
}

interface CatalogParts {
  readonly journal: Journal;
  readonly layouts: Layouts;
  readonly source: MongoSource;
  readonly tools: AppTools;
  readonly signal: AbortSignal;
}

/** Fails with one sentence if MongoDB or the destination cannot be used as configured. */
export async function preflight(
  source: MongoSource,
  config: Config,
  tools: AppTools,
  signal: AbortSignal,
): Promise<void> {
  await source.describe(signal);
  const resources = new Resources(config, tools, signal);
  try {
    await probeDestination(await resources.destination(true), tools.random);
  } finally {
    await resources.release();
  }
}

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
    const source = resources.source(streamsExpected(config));
    await preflight(source, config, tools, AbortSignal.any([stop, hard]));
    const destination = await resources.destination();
    const journal = resources.journal(destination);
    const layouts = createObjectLayouts(destination);
    const catalog = streamCatalog(config, { journal, layouts, source, tools, signal: hard });
    await catalog.refresh();
    const shared = {
      source,
      destination,
      journal,
      layouts,
      state: resources.state(),
      encoder: resources.encoder(),
      budget: new MemoryBudget(config.memoryBudgetBytes),
      settings: streamSettings(config, ENCODER_VERSION),
      options: streamOptions(config),
      clock: tools.clock,
      random: tools.random,
    };
    ready();
    // What was known stays in force; the streams themselves meet the same servers.
    const failed = (error: unknown) => tools.log.warn("Streams could not be looked up", { error });
    const ended = AbortSignal.any([stop, hard]);
    void keepRefreshing(() => catalog.refresh(), REFRESH_MS, tools.clock, ended, failed);
    tools.log.info("Pipeline started", {
      pipeline: config.pipelineName,
      streams: [...catalog.streams.values()].map(streamName),
      destination: destination.url,
    });
    return await keepStreams({
      keys: () => catalog.streams.keys(),
      closed: () => catalog.refresh(),
      leases: createMemoryLeases(`${tools.hostName}-${tools.random.uuid()}`),
      retryMs: config.lock.retryIntervalMs,
      clock: tools.clock,
      start: (key, lease, streamStop, changed) => {
        const stream = catalog.streams.get(key)!;
        const name = streamName(stream);
        const observe: StreamContext["observe"] = (event) =>
          logPipelineEvent(tools.log, name, event);
        return superviseStream({ ...shared, stream, key, observe }, lease, streamStop, changed);
      },
    }, stop);
  } finally {
    await resources.release();
  }
}

/** What can be found wrong before a start: with MongoDB, the destination and Redis, looked at side by side. */
export async function check(
  config: Config,
  tools: AppTools,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const resources = new Resources(config, tools, signal);
  const look = (subject: string, work: () => Promise<readonly Finding[]>) =>
    findingsOf(subject, tools.clock, CHECK_MS_MAX, work);
  try {
    const found = await Promise.all([
      look("MongoDB", async () => {
        const source = resources.source(PREFLIGHT_STREAMS_IN_FLIGHT_MAX);
        const collections = await watchedNow(config, source, signal);
        const streams = [...wholeStreams(config.watch), ...collections];
        const settings = streamSettings(config, ENCODER_VERSION);
        return judgePreflight(await source.preflight({ streams, settings }, signal));
      }),
      look("Destination", async () => {
        const destination = await resources.destination(true);
        await probeDestination(destination, tools.random);
        const text = `${destination.url} can be written, read and listed, and keeps what is there`;
        return [{ subject: "Destination", state: "ok", text }];
      }),
      ...config.redis === undefined ? [] : [
        look("Redis", async () => await checkRedis(resources.redis())),
      ],
    ]);
    return found.flat();
  } finally {
    await resources.release();
  }
}

/** Each server has so long to answer. */
const CHECK_MS_MAX = 9_000;

/**
 * Compares a lake with its journals; `verified` is told of each stream as soon as it is done. Throws where the
 * destination cannot be read.
 */
export async function verify(
  config: LakeConfig,
  tools: AppTools,
  signal: AbortSignal,
  choice: { readonly stream?: string; readonly sinceSeconds?: number },
  verified: (report: StreamReport) => void,
): Promise<LakeReport> {
  const resources = new Resources(config, tools, signal);
  try {
    const opened = await resources.destination(false, VERIFY_REQUESTS_MAX);
    const destination = limitRequests(opened, VERIFY_REQUESTS_MAX);
    const { stream, ...since } = choice;
    return await verifyLake(
      {
        journal: createObjectJournal(destination),
        destination,
        clock: tools.clock,
        countRows: (key) =>
          countRows(key, async (start, end) => {
            const range = end === undefined ? { start } : { start, end };
            return await destination.get(key, range) ?? new Uint8Array();
          }),
        ...since,
      },
      stream,
      verified,
    );
  } finally {
    await resources.release();
  }
}

/** Requests of one verification that are under way at once. */
const VERIFY_REQUESTS_MAX = 64;

/** For the size of the connection pool; a listing may find more, which then take turns. */
function streamsExpected(config: Config): number {
  const { watch, partitions } = config;
  if (watch.level !== "collection") return 1;
  return watch.listing ? LISTED_STREAMS_EXPECTED : watch.collections.length * partitions;
}

const LISTED_STREAMS_EXPECTED = 500;

function streamOptions(config: Config): StreamOptions {
  return {
    batch: {
      rowsMax: config.batchRowsMax,
      bytesMax: config.batchBytesMax,
      objectsMax: OBJECTS_A_RECORD_MAX,
    },
    batchAgeMsMax: config.batchTimeoutMs,
    startFrom: config.startFrom,
    onHistoryLost: config.onHistoryLost,
    uploadsInFlightMax: config.uploadsInFlight,
    encodesInFlightMax: config.encoders + 1,
    heartbeatMsMax: HEARTBEAT_MS_MAX,
    retry: { firstMs: config.retryDelayMs, maxMs: config.maxRetryDelayMs },
  };
}
