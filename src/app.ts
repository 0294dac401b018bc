/**
 * The composition root: the only file that knows which adapter stands behind which interface. It builds what a verb
 * needs from the configuration and releases it in reverse.
 */
import type { Config, DestinationTarget } from "./config/config.ts";
import { destinationUrl } from "./config/destination_target.ts";
import { streamSettings } from "./config/stream_settings.ts";
import { keepStreams } from "./coordinate/keep_streams.ts";
import { createMemoryLeases } from "./coordinate/memory_leases.ts";
import { openDestination } from "./destination/destinations.ts";
import {
  DEFAULT_RETRY,
  type OpenDestination,
  PROBE_RETRY,
} from "./destination/open_destination.ts";
import { probeDestination } from "./destination/probe.ts";
import { ENCODER_VERSION } from "./encode/columns.ts";
import { createInlineEncoder } from "./encode/inline_encoder.ts";
import { createEncoderPool } from "./encode/pool.ts";
import { startEncodeWorker } from "./encode/start_worker.ts";
import { createObjectJournal } from "./journal/object_journal.ts";
import { writeTips } from "./journal/tip_writer.ts";
import { PermanentError } from "./model/errors.ts";
import { type Stream, streamKey, streamName } from "./model/stream.ts";
import { logPipelineEvent } from "./observe/pipeline_log.ts";
import { MemoryBudget } from "./pipeline/memory_budget.ts";
import type { Encoder, Journal, StateStore } from "./pipeline/stages.ts";
import type { StreamContext, StreamOptions } from "./pipeline/stream_context.ts";
import { superviseStream } from "./pipeline/supervise_stream.ts";
import { createMongoSource, type MongoSource } from "./source/mongo_source.ts";
import { connectRedis } from "./state/redis_connection.ts";
import { createStateStore } from "./state/stores.ts";
import type { Clock } from "./support/clock.ts";
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

/** Connections for journals and probes beside the uploads. */
const SPARE_CONNECTIONS = 8;

/** Adapters that are open; `release` closes them, the last opened first. */
export class Resources {
  readonly #config: Config;
  readonly #tools: AppTools;
  readonly #signal: AbortSignal;
  readonly #releasers: (() => Promise<void>)[] = [];

  /** `signal` ends waits and retries of everything opened here. */
  constructor(config: Config, tools: AppTools, signal: AbortSignal) {
    this.#config = config;
    this.#tools = tools;
    this.#signal = signal;
  }

  /** The destination; `forProbe` gives up soon, because a person waits. */
  async destination(forProbe = false): Promise<OpenDestination> {
    const { maxRetries, retryDelayMs, maxRetryDelayMs, uploadsInFlight, s3 } = this.#config;
    const { clock, random } = this.#tools;
    const retry = {
      ...DEFAULT_RETRY,
      retriesMax: maxRetries,
      firstMs: retryDelayMs,
      maxMs: maxRetryDelayMs,
    };
    const destination = await openDestination(destinationUrl(this.#config.destination), {
      retry: forProbe ? PROBE_RETRY : retry,
      connectionsMax: uploadsInFlight * 2 + SPARE_CONNECTIONS,
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
    const source = createMongoSource({ uri: this.#config.mongodbUri, streamsMax, clock, random });
    this.#releasers.push(() => source.close());
    return source;
  }

  encoder(): Encoder {
    const { clock } = this.#tools;
    if (this.#config.encoders === 0) return createInlineEncoder(clock);
    const pool = createEncoderPool({
      workers: this.#config.encoders,
      createWorker: () => startEncodeWorker(encodeWorkerUrl()),
      clock,
    });
    this.#releasers.push(async () => await pool[Symbol.asyncDispose]());
    return pool;
  }

  state(): StateStore {
    const { stateStore, redis, lock, pipelineName } = this.#config;
    const { clock, random } = this.#tools;
    const parts = { clock, pipeline: pipelineName };
    if (stateStore.kind === "memory") return createStateStore("memory", parts);
    if (stateStore.kind === "file") {
      return createStateStore(`file://${encodeURI(stateStore.directory)}`, parts);
    }
    if (redis === undefined) {
      throw new PermanentError("Cannot keep state in Redis: REDIS_URL is not set");
    }
    const caller = connectRedis(redis.url, { clock, random });
    this.#releasers.push(() => caller.close());
    const keyPrefix = `{${lock.keyPrefix}:${pipelineName}}`;
    const { expiryMs } = stateStore;
    const options = expiryMs === undefined ? { keyPrefix } : { keyPrefix, expiryMs };
    return createStateStore("redis", { ...parts, redis: { caller, ...options } });
  }

  async release(): Promise<void> {
    for (let release = this.#releasers.pop(); release; release = this.#releasers.pop()) {
      await release();
    }
  }
}

/** The bundled program has its worker beside it as JavaScript. */
function encodeWorkerUrl(): URL {
  const bundled = !import.meta.url.endsWith(".ts");
  return new URL(bundled ? "./encode_worker.js" : "./encode/encode_worker.ts", import.meta.url);
}

/** The streams that the settings name, by key. */
export async function configuredStreams(
  config: Config,
  source: MongoSource,
  signal: AbortSignal,
): Promise<Stream[]> {
  const { watch } = config;
  if (watch.level === "deployment") return [{ level: "deployment" }];
  if (watch.level === "database") return [{ level: "database", database: watch.database }];
  const listed = watch.listing ? await source.listNamespaces(watch.filter, signal) : [];
  const byKey = new Map<string, Stream>();
  for (const { database, collection } of [...watch.collections, ...listed]) {
    const stream: Stream = { level: "collection", database, collection };
    byKey.set(streamKey(stream), stream);
  }
  return [...byKey.values()];
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
    const streams = await configuredStreams(config, source, hard);
    const destination = await resources.destination();
    const shared = {
      source,
      destination,
      journal: resources.journal(destination),
      state: resources.state(),
      encoder: resources.encoder(),
      budget: new MemoryBudget(config.memoryBudgetBytes),
      settings: streamSettings(config, ENCODER_VERSION),
      options: streamOptions(config),
      clock: tools.clock,
      random: tools.random,
    };
    ready();
    const byKey = new Map(streams.map((stream) => [streamKey(stream), stream]));
    tools.log.info("Pipeline started", {
      pipeline: config.pipelineName,
      streams: streams.map(streamName),
      destination: destination.url,
    });
    return await keepStreams({
      keys: () => [...byKey.keys()],
      leases: createMemoryLeases(`${tools.hostName}-${tools.random.uuid()}`),
      retryMs: config.lock.retryIntervalMs,
      clock: tools.clock,
      start: (key, lease, streamStop, changed) => {
        const stream = byKey.get(key)!;
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

/** Where the lake is, for messages. */
export function describeDestination(target: DestinationTarget): string {
  return destinationUrl(target);
}
