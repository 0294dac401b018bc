/**
 * The composition root: the only file that knows which adapter stands behind which interface. It builds what a verb
 * needs from the configuration and releases it in reverse.
 */
import { pathToFileURL } from "node:url";
import type { Config, LakeConfig } from "./config/config.ts";
import { destinationUrl } from "./config/destination_target.ts";
import { streamsExpected, watchedCollections, wholeStreams } from "./config/watched_streams.ts";
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
import { checkDestination, probeDestination } from "./destination/probe.ts";
import { ENCODER_VERSION } from "./encode/columns.ts";
import { createInlineEncoder } from "./encode/inline_encoder.ts";
import { createEncoderPool } from "./encode/pool.ts";
import { rowCounter } from "./encode/row_count.ts";
import { startEncodeWorker } from "./encode/start_worker.ts";
import { createObjectJournal } from "./journal/object_journal.ts";
import { createObjectLayouts } from "./journal/object_layouts.ts";
import { writeTips } from "./journal/tip_writer.ts";
import type { StreamReport } from "./journal/verify.ts";
import { type LakeReport, verifyLake } from "./journal/verify_lake.ts";
import { PermanentError } from "./model/errors.ts";
import { streamName } from "./model/stream.ts";
import { logPipelineEvent } from "./observe/pipeline_log.ts";
import { keepRefreshing } from "./pipeline/keep_refreshing.ts";
import { MemoryBudget } from "./pipeline/memory_budget.ts";
import {
  createLakeView,
  createOperator,
  type LakeView,
  type Operator,
} from "./pipeline/operator.ts";
import type { Encoder, Journal, StateStore } from "./pipeline/stages.ts";
import { resolveStart } from "./pipeline/start_position.ts";
import { StreamCatalog } from "./pipeline/stream_catalog.ts";
import type { StreamContext } from "./pipeline/stream_context.ts";
import { streamOptions } from "./pipeline/stream_options.ts";
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

/** How soon a new collection or layout is noticed at the latest. */
const REFRESH_MS = 30_000;

/** Connections for journals and probes beside the uploads. */
const SPARE_CONNECTIONS = 8;

/** A verb at work. */
export interface Command {
  readonly tools: AppTools;
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  /** To be called once the servers have answered. */
  readonly reached: () => void;
}

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
  { source, journal, layouts, settings }: ReturnType<typeof planeOf>,
  { log }: AppTools,
  signal: AbortSignal,
): StreamCatalog {
  const { watch, partitions } = config;
  return new StreamCatalog({
    journal,
    layouts,
    partitions,
    whole: wholeStreams(watch),
    collections: () =>
      watchedCollections(watch, (filter) => source.listNamespaces(filter, undefined, signal)),
    resolveStart: (stream) => resolveStart({ source, stream, settings, options: config }, signal),
    differs: (stream, of) => {
      log.warn("PARTITIONS differs from the layout in force, which stays", {
        stream: streamName(stream),
        partitions: of,
        change: `tributary layout set ${stream.database}.${stream.collection} ${partitions}`,
      });
    },
  });
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

/** What all streams of a pipeline share, but for the encoder. */
function planeOf(
  config: Config,
  { clock, random }: AppTools,
  resources: Resources,
  outside: { readonly source: MongoSource; readonly destination: OpenDestination },
) {
  return {
    ...outside,
    journal: resources.journal(outside.destination),
    layouts: createObjectLayouts(outside.destination),
    state: resources.state(),
    budget: new MemoryBudget(config.memoryBudgetBytes),
    settings: streamSettings(config, ENCODER_VERSION),
    options: streamOptions(config),
    clock,
    random,
  };
}

/** Lets a person do something to streams. */
export function operate<T>(
  config: Config,
  command: Command,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  const { tools, signal, reached } = command;
  return withResources(config, command, async (resources) => {
    const source = resources.source(OPERATED_STREAMS_MAX);
    const destination = await resources.destination(true);
    await Promise.all([source.describe(signal), destination.listFolders("_tributary/")]);
    reached();
    const plane = planeOf(config, tools, resources, { source, destination });
    const owner = `operator-${tools.hostName}-${tools.random.uuid()}`;
    const encoder = createInlineEncoder(tools.clock);
    return await work(createOperator({ ...plane, encoder, owner, signal }));
  });
}

/** Streams that a person's command runs side by side. */
const OPERATED_STREAMS_MAX = 8;

/** Lets a person look into a lake. */
export function look<T>(
  config: LakeConfig,
  command: Command,
  work: (view: LakeView) => Promise<T>,
): Promise<T> {
  return withResources(config, command, async (resources) => {
    const destination = await resources.destination(true);
    await destination.listFolders("_tributary/");
    command.reached();
    const journal = createObjectJournal(destination);
    return await work(createLakeView(journal, createObjectLayouts(destination)));
  });
}

/** Releases what the work has opened, however it ends. */
async function withResources<T>(
  config: LakeConfig,
  { tools, signal }: Pick<Command, "tools" | "signal">,
  work: (resources: Resources) => Promise<T>,
): Promise<T> {
  const resources = new Resources(config, tools, signal);
  try {
    return await work(resources);
  } finally {
    await resources.release();
  }
}

/** What can be found wrong before a start: with MongoDB, the destination and Redis, looked at side by side. */
export function check(config: Config, command: Command): Promise<readonly Finding[]> {
  const { tools, signal } = command;
  const look = (subject: string, work: () => Promise<readonly Finding[]>) =>
    findingsOf(subject, tools.clock, CHECK_MS_MAX, work);
  return withResources(config, command, async (resources) => {
    const found = await Promise.all([
      look("MongoDB", async () => {
        const source = resources.source(PREFLIGHT_STREAMS_IN_FLIGHT_MAX);
        const collections = await watchedCollections(
          config.watch,
          (filter) => source.listNamespaces(filter, undefined, signal),
        );
        const streams = [...wholeStreams(config.watch), ...collections];
        const settings = streamSettings(config, ENCODER_VERSION);
        return judgePreflight(await source.preflight({ streams, settings }, signal));
      }),
      look("Destination", async () => {
        return await checkDestination(await resources.destination(true), tools.random);
      }),
      ...config.redis === undefined
        ? []
        : [look("Redis", async () => await checkRedis(resources.redis()))],
    ]);
    return found.flat();
  });
}

/** Each server has so long to answer. */
const CHECK_MS_MAX = 9_000;

/** Compares a lake with its journals; `verified` is told of each stream as soon as it is done. */
export function verify(
  config: LakeConfig,
  command: Command,
  choice: { readonly stream?: string; readonly sinceSeconds?: number },
  verified: (report: StreamReport) => void,
): Promise<LakeReport> {
  return withResources(config, command, async (resources) => {
    // A person waits: a wrong address shows at once, and only then is everything tried again patiently.
    await (await resources.destination(true)).listFolders("_tributary/");
    const opened = await resources.destination(false, VERIFY_REQUESTS_MAX);
    const destination = limitRequests(opened, VERIFY_REQUESTS_MAX);
    const journal = createObjectJournal(destination);
    const { stream, ...since } = choice;
    const { clock } = command.tools;
    const parts = { journal, destination, clock, countRows: rowCounter(destination), ...since };
    return await verifyLake(parts, stream, verified);
  });
}

/** Requests of one verification that are under way at once. */
const VERIFY_REQUESTS_MAX = 64;
