import { formatFaults } from "../config/read/fault.ts";
import type { Config, LakeConfig, SourceConfig } from "../config/config.ts";
import type { HttpLoadResult, LoadResult } from "../config/resolve/load.ts";
import type { SettingName } from "../config/table/schema.ts";
import type { Host } from "./host.ts";

/** What the process ends with. */
export const EXIT = {
  done: 0,
  /** Failed while running; or, of `verify`, the lake has holes. */
  failed: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** The surroundings are not as they must be. */
  preflight: 3,
  /** Of `lock hold`: somebody else has the lease; trying again later may help (`EX_TEMPFAIL` of sysexits.h). */
  held: 75,
} as const;

export type ExitCode = typeof EXIT[keyof typeof EXIT];

/**
 * One thing the program can be told to do; one file each, listed in `verbs.ts`.
 *
 * What is heavy (the drivers) is imported inside `run`, so that help and version answer at once.
 */
export interface Verb {
  /** One word, or two: `config show`. */
  readonly name: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** A command line that works. */
  readonly example: string;
  /** Others that somebody would have to look for. */
  readonly moreExamples?: readonly string[];
  /** The settings it takes as flags, beside `--config`. */
  readonly settings: "all" | "none" | readonly SettingName[];
  /** Those of them that its short help shows. Absent: all that have a short text. */
  readonly shownSettings?: readonly SettingName[];
  readonly options?: readonly VerbOption[];
  readonly arguments?: readonly VerbArgument[];
  run(context: VerbContext): Promise<ExitCode>;
}

/** A flag of the verb's own. */
export interface VerbOption {
  /** `--json`, `--since <TIME>`, `--sql [DIALECT]` where the value may be left out. */
  readonly flags: string;
  readonly description: string;
}

export interface VerbArgument {
  /** `<stream>`, or `[stream]` where it may be left out. */
  readonly name: string;
  readonly description: string;
  /** All that it may be; absent where anything may. */
  readonly words?: readonly string[];
}

/** What a verb is given. */
export interface VerbContext {
  readonly host: Host;
  /** Values of the verb's arguments, in their order; those left out are missing at the end. */
  readonly args: readonly string[];
  /** The verb's own options that were given, by name without dashes; `true` where they take no value. */
  readonly options: ReadonlyMap<string, string | true>;
  /** The flags of settings and files of settings on the command line, by name without dashes. */
  readonly settingFlags: ReadonlyMap<string, string>;
  loadConfig(): LoadResult;
  /** The settings of the lake, for verbs that need no MongoDB. */
  loadLakeConfig(): LoadResult<LakeConfig>;
  /** What is read and how, for verbs that need no lake. */
  loadSourceConfig(): LoadResult<SourceConfig>;
  /** Where an instance answers, for verbs that ask it. */
  loadHttpOptions(): HttpLoadResult;
}

/** The settings that a verb needs to find a lake. */
export const LAKE_SETTINGS: readonly SettingName[] = [
  "DESTINATION",
  "S3_BUCKET",
  "S3_PREFIX",
  "AWS_REGION",
  "S3_ENDPOINT",
  "S3_FORCE_PATH_STYLE",
  "MAX_RETRIES",
  "RETRY_DELAY",
  "MAX_RETRY_DELAY",
];

/** The catalog that tables are in. */
export const CATALOG_SETTINGS: readonly SettingName[] = [
  "ICEBERG_CATALOG",
  "ICEBERG_WAREHOUSE",
  "ICEBERG_NAMESPACE",
  "ICEBERG_TOKEN",
  "ICEBERG_CREDENTIAL",
  "ICEBERG_OAUTH2_SERVER_URI",
  "ICEBERG_OAUTH2_SCOPE",
  "ICEBERG_SIGV4",
];

/** What somebody writes who does one thing to one stream: where it is read, and where it goes. */
export const PLACE_SETTINGS: readonly SettingName[] = [
  "MONGODB_URI",
  "MONGODB_DATABASE",
  "MONGODB_COLLECTIONS",
  "DESTINATION",
  "S3_ENDPOINT",
  "REDIS_URL",
];

/** The settings that a verb needs to ask an instance over HTTP. */
export const HTTP_VERB_SETTINGS: readonly SettingName[] = [
  "HTTP_ADDRESS",
  "HTTP_TOKEN",
  "HTTP_TLS_CERT",
  "HTTP_TLS_KEY",
];

/** The configuration; undefined, with all faults on standard error, where there is none: return `EXIT.usage` then. */
export function configOrExplain(context: VerbContext): Loading | undefined {
  return orExplain(context.host, context.loadConfig());
}

/** As `configOrExplain`, for verbs that need no MongoDB. */
export function lakeConfigOrExplain(context: VerbContext): Loading<LakeConfig> | undefined {
  return orExplain(context.host, context.loadLakeConfig());
}

/** As `configOrExplain`, for verbs that need no lake. */
export function sourceConfigOrExplain(context: VerbContext): Loading<SourceConfig> | undefined {
  return orExplain(context.host, context.loadSourceConfig());
}

type Loading<C extends object = Config> = Extract<LoadResult<C>, { ok: true }>;

function orExplain<C extends object>(
  host: Host,
  result: LoadResult<C>,
): Loading<C> | undefined {
  if (result.ok) return result;
  host.stderr.write(formatFaults(result.faults));
  return undefined;
}
