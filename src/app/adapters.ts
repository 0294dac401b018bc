import { pathToFileURL } from "node:url";
import type { DestinationTarget, LakeConfig, ReadPreference } from "../config/config.ts";
import { destinationUrl } from "../config/resolve/destination_target.ts";
import { openDestination } from "../destination/destinations.ts";
import {
  DEFAULT_RETRY,
  type OpenDestination,
  PROBE_RETRY,
} from "../destination/open_destination.ts";
import { createInlineEncoder } from "../encode/inline_encoder.ts";
import { createEncoderPool } from "../encode/worker/pool.ts";
import { startEncodeWorker } from "../encode/worker/start_worker.ts";
import { createObjectCoverage } from "../journal/object_coverage.ts";
import { keepToPlace, type LakePlaces } from "../journal/journal_place.ts";
import { createObjectJournal } from "../journal/object_journal.ts";
import { createObjectLayouts } from "../journal/object_layouts.ts";
import { createObjectSnapshots } from "../journal/object_snapshots.ts";
import { LossLedger } from "../journal/losses/loss_ledger.ts";
import { UnheldLosses } from "../journal/losses/unheld_losses.ts";
import { writeTips } from "../journal/tip_writer.ts";
import { PermanentError } from "../model/errors.ts";
import type { Encoder, Journal, LakeStore, StateStore } from "../pipeline/ports.ts";
import { withUsableCompressors } from "../source/mongo/client/mongo_compressors.ts";
import { createMongoSource, type MongoSource } from "../source/mongo/mongo_source.ts";
import { createObjectSink } from "../sink/object_sink.ts";
import { connectRedis, type RedisConnection } from "../state/redis_connection.ts";
import { createStateStore } from "../state/stores.ts";
import type { LogTail } from "../observe/log/log_tail.ts";
import { type OpenSharedObjects, openSharedObjects } from "./shared_objects.ts";
import type { StreamAdapters } from "./stream_parts.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";
import type { Ringing } from "../support/flow/notify.ts";
import type { Random } from "../support/random.ts";

/** Connections for journals and probes beside the uploads. */
const SPARE_CONNECTIONS = 8;

/** What the program is given by the process it runs in. */
export interface AppTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The end of what `log` wrote. Default: it is shown to nobody. */
  readonly logTail?: LogTail;
  readonly hostName: string;
  /** Variables that are no settings of ours: `OTEL_*`. Default: none is set. */
  readonly env?: (name: string) => string | undefined;
}

const REDIS_CALL_MS_MAX = 5000;

/** What a source is opened for. */
export interface SourceUse {
  /** How long the server lets a stream wait for an event before it says that there is none. Default: as for a run. */
  readonly awaitMs?: number;
  /** How long the server may let an idle stream wait, at most. */
  readonly idleAwaitMsMax?: number;
  /** Which members documents are read from. Default: the primary. */
  readonly documentsFrom?: ReadPreference;
}

/** What a destination is opened for. */
export interface DestinationUse {
  /** Gives up soon, because a person waits. */
  readonly forProbe?: boolean;
  readonly connectionsMax?: number;
  /** Rings when a failed request may be repeated at once. */
  readonly recovery?: Ringing;
  /** Told of each failed request; `again`: it will be repeated; `key`: what it was about. */
  readonly onFailure?: (error: Error, again: boolean, key?: string) => void;
}

export type Places = LakePlaces<OpenDestination>;

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

  /** Where the lake's own files lie, and where its objects do: often one and the same. */
  async places(use: DestinationUse = {}): Promise<Places> {
    const { journal } = this.#config;
    const destination = await this.destination(use);
    return {
      destination,
      lake: journal === undefined ? destination : await this.#open(journal, use),
    };
  }

  destination(use: DestinationUse = {}): Promise<OpenDestination> {
    return this.#open(this.#config.destination, use);
  }

  async #open(target: DestinationTarget, use: DestinationUse): Promise<OpenDestination> {
    const connectionsMax = use.connectionsMax ??
      this.#config.uploadsInFlight * 2 + SPARE_CONNECTIONS;
    const { onFailure, recovery } = use;
    const { maxRetries, retryDelayMs, maxRetryDelayMs, s3 } = this.#config;
    const { clock, random, log } = this.#tools;
    const retry = {
      ...DEFAULT_RETRY,
      retriesMax: maxRetries,
      firstMs: retryDelayMs,
      maxMs: maxRetryDelayMs,
    };
    const destination = await openDestination(destinationUrl(target), {
      retry: use.forProbe ? PROBE_RETRY : retry,
      connectionsMax,
      s3,
    }, {
      ...{ clock, random, signal: this.#signal },
      // What a probe finds is said by whoever probes, and found again where it matters.
      ...use.forProbe ? {} : { log },
      ...onFailure === undefined ? {} : { onFailure },
      ...recovery === undefined ? {} : { recovery },
    });
    this.#releasers.push(() => destination.close());
    return destination;
  }

  /** The journals of a lake, with tips written behind. */
  journal(places: Places): Journal {
    const { log } = this.#tools;
    const journal = keepToPlace(createObjectJournal(places.lake), places);
    return writeTips(journal, places.lake, (stream, seq, error) => {
      log.warn("Tip could not be written; a later writer makes it good", { stream, seq, error });
    });
  }

  /** What streams are read from and written to. */
  streamAdapters(
    source: MongoSource,
    places: Places,
  ): StreamAdapters & { readonly source: MongoSource } {
    const { lake, destination } = places;
    const { clock, random } = this.#tools;
    return {
      ...{ source, clock, random, namespaces: source.namespaces },
      sink: createObjectSink(destination),
      journal: this.journal(places),
      layouts: createObjectLayouts(lake),
      coverage: createObjectCoverage(lake),
      documents: source.documents,
      snapshots: createObjectSnapshots(lake),
      state: this.state(),
    };
  }

  /** Counts what the journals of a lake say is lost. */
  losses(lake: LakeStore): LossLedger {
    return new LossLedger(lake, (...failure) => this.#notCounted(...failure));
  }

  /** The same of those that nobody has. */
  unheldLosses(lake: LakeStore, journal: Journal): UnheldLosses {
    return new UnheldLosses(lake, journal, (...failure) => this.#notCounted(...failure));
  }

  #notCounted(stream: string, error: unknown): void {
    if (this.#signal.aborted) return;
    this.#tools.log.warn("What a journal says is lost could not be counted; it is tried again", {
      ...{ stream, error },
    });
  }

  source(use: SourceUse = {}): MongoSource {
    const uri = this.#config.mongodbUri;
    if (uri === undefined) {
      throw new PermanentError("Cannot read from MongoDB: MONGODB_URI is not set");
    }
    const source = openSource(uri, this.#tools, use);
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

  /** A connection of its own. A call that takes longer than `callMsMax` fails: leases must be tried again in time. */
  redis(callMsMax = REDIS_CALL_MS_MAX): RedisConnection {
    const { clock, random } = this.#tools;
    const url = this.#config.redis?.url;
    if (url === undefined) throw new PermanentError("Cannot use Redis: REDIS_URL is not set");
    const connection = connectRedis(url, {
      clock,
      random,
      callMsMax: Math.min(callMsMax, REDIS_CALL_MS_MAX),
    });
    this.#releasers.push(() => connection.close());
    return connection;
  }

  /** What the instances of the pipeline share in the lake. */
  sharedObjects(): OpenSharedObjects {
    const { clock, random, log } = this.#tools;
    const objects = openSharedObjects(this.#config, { clock, random, log, signal: this.#signal });
    this.#releasers.push(() => objects.close());
    return objects;
  }

  /** Adds something to be released, before everything that was opened earlier. */
  defer(release: () => Promise<void>): void {
    this.#releasers.push(release);
  }

  async release(): Promise<void> {
    for (let release = this.#releasers.pop(); release; release = this.#releasers.pop()) {
      await release();
    }
  }
}

/** Connects with the first call. Whoever opens it closes it. */
export function openSource(uri: string, tools: AppTools, use: SourceUse = {}): MongoSource {
  const { clock, random, log } = tools;
  const { withoutCompressors } = withUsableCompressors(uri);
  if (withoutCompressors.length > 0) {
    log.warn("MongoDB is spoken to without some of the compressors in MONGODB_URI", {
      withoutCompressors,
    });
  }
  return createMongoSource({ uri, ...use, clock, random });
}

/** Releases what the work has opened, however it ends. */
export async function withResources<T>(
  config: LakeConfig,
  { tools, signal }: { readonly tools: AppTools; readonly signal: AbortSignal },
  work: (resources: Resources) => Promise<T>,
): Promise<T> {
  const resources = new Resources(config, tools, signal);
  try {
    return await work(resources);
  } finally {
    await resources.release();
  }
}
