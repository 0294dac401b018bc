import type { Config, HttpOptions, LakeConfig, SourceConfig } from "../config.ts";
import {
  defaultPipelineName,
  resolveDestination,
  resolveJournal,
  resolveS3,
} from "./destination_target.ts";
import { resolveEncoding } from "./encoding.ts";
import type { Fault, Origin } from "../read/fault.ts";
import { resolveKeyRule } from "./key_rule.ts";
import { type ConfigSources, emptiedText, readLayers } from "../read/layers.ts";
import { type IdleVariable, idleVariables } from "../read/old_names.ts";
import { resolveIceberg } from "./iceberg.ts";
import { omitUndefined } from "../omit_undefined.ts";
import { resolveRedact } from "./redact.ts";
import { type Resolution, resolveValues } from "./resolution.ts";
import type { SettingName, SettingValues } from "../table/schema.ts";
import { resolveHttp, resolveLock, resolveRedis, resolveStateStore } from "./sharing.ts";
import { resolveStages } from "../transform/stages.ts";
import { resolveSnapshot } from "./snapshot.ts";
import { resolveStartFrom } from "./start_from.ts";
import { resolveWatch } from "./watch.ts";

/** What some defaults depend on. */
export interface Machine {
  readonly hostName: string;
  readonly cores: number;
}

export type LoadResult<C extends object = Config> =
  | { readonly ok: true; readonly config: C; readonly loaded: Loaded }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** How the settings came to be, for `config show`. */
export interface Loaded {
  readonly values: SettingValues;
  /** Of the settings that somebody wrote. */
  readonly origins: ReadonlyMap<SettingName, Origin>;
  readonly stagesOrigin?: Origin;
  /** Variables of other systems, which do nothing here. */
  readonly idle: readonly IdleVariable[];
  /** What of the file with variables counts for nothing, in words. */
  readonly emptied: readonly string[];
}

/**
 * Reads and checks all settings: flags over environment over YAML file over defaults.
 *
 * Either the whole, frozen configuration, or everything that is wrong with it. Reads nothing but what `sources` gives.
 */
export function loadConfig(sources: ConfigSources, machine: Machine): LoadResult {
  return load(sources, machine, resolveConfig);
}

/** As `loadConfig`, for verbs that need the lake alone: MongoDB need not be named, and what to watch is not looked at. */
export function loadLakeConfig(sources: ConfigSources, machine: Machine): LoadResult<LakeConfig> {
  return load(sources, machine, resolveLakeConfig);
}

/** As `loadConfig`, for verbs that need MongoDB alone: there need be no destination. */
export function loadSourceConfig(
  sources: ConfigSources,
  machine: Machine,
): LoadResult<SourceConfig> {
  return load(sources, machine, resolveSourceConfig);
}

/** What a verb needs to ask an instance over HTTP; undefined where no server shall be. `faults`: of everything else. */
export type HttpLoadResult =
  | {
    readonly ok: true;
    readonly http: HttpOptions | undefined;
    readonly faults: readonly Fault[];
  }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * As `loadConfig`, for verbs that ask an instance: nothing but its HTTP settings need be there and right. One that runs is
 * asked most when the settings of the next start are broken.
 */
export function loadHttpOptions(sources: ConfigSources): HttpLoadResult {
  const layers = readLayers(sources);
  const faults = [...layers.faults];
  const resolution = resolveValues(layers, faults);
  const http = resolveHttp(resolution);
  const isBroken = resolution.isBroken(
    ...["HTTP_ADDRESS", "HTTP_TOKEN", "HTTP_TLS_CERT", "HTTP_TLS_KEY"] as const,
  );
  return isBroken ? { ok: false, faults } : { ok: true, http, faults };
}

type Resolve<C> = (
  resolution: Resolution,
  stages: readonly unknown[],
  machine: Machine,
) => C | undefined;

function load<C extends object>(
  sources: ConfigSources,
  machine: Machine,
  resolve: Resolve<C>,
): LoadResult<C> {
  const layers = readLayers(sources);
  const faults = [...layers.faults];
  const resolution = resolveValues(layers, faults);
  const stages = resolveStages(layers.stages, resolution);
  const config = resolve(resolution, stages, machine);
  if (config === undefined || faults.length > 0) return { ok: false, faults };
  const origins = new Map([...layers.given].map(([name, { origin }]) => [name, origin]));
  const idle = idleVariables(sources.env, resolution.isGiven);
  const stagesOrigin = layers.stages?.origin;
  const emptied = [...layers.emptied].map((each) => emptiedText(...each));
  const loaded = { values: resolution.values, origins, stagesOrigin, idle, emptied };
  return { ok: true, config: deepFreeze(config), loaded: omitUndefined(loaded) };
}

function resolveConfig(
  resolution: Resolution,
  stages: readonly unknown[],
  machine: Machine,
): Config | undefined {
  const source = resolveServer(resolution);
  const lake = resolveLakeConfig(resolution, stages, machine);
  const snapshot = resolveSnapshot(resolution);
  checkRetention(resolution);
  return source === undefined || lake === undefined ? undefined : { ...lake, ...source, snapshot };
}

/** The server and what of it is watched. */
function resolveServer(resolution: Resolution): Pick<Config, "mongodbUri" | "watch"> | undefined {
  const { MONGODB_URI: mongodbUri } = resolution.values;
  if (mongodbUri === undefined && !resolution.isBroken("MONGODB_URI")) {
    resolution.missing("MONGODB_URI", "Set it to mongodb://host:27017/.");
  }
  const watch = resolveWatch(resolution);
  return mongodbUri === undefined || watch === undefined ? undefined : { mongodbUri, watch };
}

function resolveSourceConfig(
  resolution: Resolution,
  stages: readonly unknown[],
): SourceConfig | undefined {
  const source = resolveServer(resolution);
  const redact = resolveRedact(resolution);
  if (source === undefined) return undefined;
  const { values } = resolution;
  return {
    ...source,
    fullDocument: values.FULL_DOCUMENT,
    fullDocumentBeforeChange: values.FULL_DOCUMENT_BEFORE_CHANGE,
    reading: values.READING,
    encoding: resolveEncoding(resolution),
    stages,
    redact,
  };
}

function resolveLakeConfig(
  resolution: Resolution,
  stages: readonly unknown[],
  machine: Machine,
): LakeConfig | undefined {
  const { values } = resolution;
  checkLimits(resolution);
  const startFrom = resolveStartFrom(resolution);
  const destination = resolveDestination(resolution);
  const keyRule = resolveKeyRule(resolution);
  const stateStore = resolveStateStore(resolution, destination);
  const rest = {
    journal: resolveJournal(resolution, destination),
    redact: resolveRedact(resolution),
    s3: resolveS3(resolution),
    iceberg: resolveIceberg(resolution),
    encoding: resolveEncoding(resolution),
    redis: resolveRedis(resolution),
    lock: resolveLock(resolution),
    http: resolveHttp(resolution),
  };
  if (
    startFrom === undefined || destination === undefined || keyRule === undefined ||
    stateStore === undefined
  ) return undefined;
  return omitUndefined({
    ...plainFields(values),
    ...rest,
    mongodbUri: values.MONGODB_URI,
    snapshotRateMax: values.SNAPSHOT_RATE_MAX,
    tableRetentionMs: values.TABLE_RETENTION,
    stages,
    startFrom,
    destination,
    keyRule,
    stateStore,
    encoders: values.ENCODERS ?? Math.max(1, machine.cores - 1),
    pipelineName: values.PIPELINE_NAME ?? defaultPipelineName(destination),
    instanceName: values.INSTANCE_NAME ?? machine.hostName,
  });
}

const TABLE_FORMATS = {
  none: [],
  delta: ["delta"],
  iceberg: ["iceberg"],
  "delta,iceberg": ["delta", "iceberg"],
  "iceberg,delta": ["delta", "iceberg"],
} as const;

const RECORD_FORMATS = { auto: "auto", 1: 1, 2: 2, 3: 3 } as const;

/** The settings that are in the configuration as they were written. */
function plainFields(values: SettingValues) {
  return {
    partitions: values.PARTITIONS,
    fullDocument: values.FULL_DOCUMENT,
    fullDocumentBeforeChange: values.FULL_DOCUMENT_BEFORE_CHANGE,
    onHistoryLost: values.ON_HISTORY_LOST,
    reading: values.READING,
    snapshotParallel: values.SNAPSHOT_PARALLEL,
    snapshotReadPreference: values.SNAPSHOT_READ_PREFERENCE,
    tables: TABLE_FORMATS[values.TABLES],
    tableIntervalMs: values.TABLE_INTERVAL,
    tableCompaction: values.TABLE_COMPACTION,
    tableWriters: values.TABLE_WRITERS,
    batchRowsMax: values.BATCH_SIZE,
    batchTimeoutMs: values.BATCH_TIMEOUT,
    batchBytesMax: values.BATCH_BYTES,
    memoryBudgetBytes: values.MEMORY_BUDGET,
    uploadsInFlight: values.UPLOADS_IN_FLIGHT,
    maxRetries: values.MAX_RETRIES,
    retryDelayMs: values.RETRY_DELAY,
    maxRetryDelayMs: values.MAX_RETRY_DELAY,
    recordFormat: RECORD_FORMATS[values.RECORD_FORMAT],
    readyMaxLagMs: values.READY_MAX_LAG,
    metricsPrefix: values.METRICS_PREFIX,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT,
  };
}

/** Without what joins objects nobody would mend a table that names one which is gone. */
function checkRetention(resolution: Resolution): void {
  const { TABLE_RETENTION, TABLE_COMPACTION, TABLES } = resolution.values;
  if (TABLE_RETENTION === undefined || (TABLE_COMPACTION && TABLES !== "none")) return;
  if (resolution.isBroken("TABLES", "TABLE_COMPACTION")) return;
  resolution.fault(
    "TABLE_RETENTION",
    "TABLE_RETENTION is about objects that were joined for tables, and none are.",
    "Set TABLES and TABLE_COMPACTION=true as well.",
  );
}

function checkLimits(resolution: Resolution): void {
  const { values } = resolution;
  if (
    !resolution.isBroken("TABLES", "FORMAT") && values.TABLES !== "none" &&
    values.FORMAT !== "parquet"
  ) {
    resolution.fault(
      "TABLES",
      `Tables are of parquet, and FORMAT is ${values.FORMAT}.`,
      "Set FORMAT=parquet, or TABLES=none.",
    );
  }
  if (
    !resolution.isBroken("BATCH_BYTES", "MEMORY_BUDGET") &&
    values.BATCH_BYTES > values.MEMORY_BUDGET
  ) {
    resolution.fault(
      resolution.isGiven("BATCH_BYTES") ? "BATCH_BYTES" : "MEMORY_BUDGET",
      "BATCH_BYTES must not be larger than MEMORY_BUDGET: a batch could never be full.",
      "Make MEMORY_BUDGET at least four times BATCH_BYTES.",
    );
  }
  if (
    !resolution.isBroken("RETRY_DELAY", "MAX_RETRY_DELAY") &&
    values.RETRY_DELAY > values.MAX_RETRY_DELAY
  ) {
    resolution.fault(
      resolution.isGiven("RETRY_DELAY") ? "RETRY_DELAY" : "MAX_RETRY_DELAY",
      "RETRY_DELAY must not be longer than MAX_RETRY_DELAY.",
    );
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
