import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { MINIO_ACCESS_KEY, MINIO_REGION, MINIO_SECRET_KEY } from "../services/minio.ts";
import type { Backlog } from "./backlog.ts";
import { type Arena, type Contestant, runName } from "./contestant.ts";
import { rateOf, type RunFacts, runTributary } from "./tributary_run.ts";

/** What is written and where to. */
export interface Work {
  readonly name: string;
  readonly to: "s3" | "disk";
  readonly settings: Readonly<Record<string, string>>;
}

export const WORKS = {
  "parquet": {
    name: "Parquet + zstd to S3",
    to: "s3",
    settings: { FORMAT: "parquet", COMPRESSION: "zstd" },
  },
  "jsonl-zstd": {
    name: "JSON Lines + zstd to S3",
    to: "s3",
    settings: { FORMAT: "jsonl", COMPRESSION: "zstd" },
  },
  "jsonl-gzip": {
    name: "JSON Lines + gzip to S3",
    to: "s3",
    settings: { FORMAT: "jsonl", COMPRESSION: "gzip" },
  },
  "parquet-disk": {
    name: "Parquet + zstd to disk",
    to: "disk",
    settings: { FORMAT: "parquet", COMPRESSION: "zstd" },
  },
} satisfies Readonly<Record<string, Work>>;

export type WorkName = keyof typeof WORKS;

export const WORK_NAMES = Object.keys(WORKS) as WorkName[];

/** The default of the setting. */
const BATCH_SIZE = 50_000;

/** So long a program that has nothing to read runs until it counts as started. */
const SETTLE_MS = 1_000;

/** tributary with everything at its default but what is said here. */
export interface Tributary {
  readonly command: readonly string[];
  readonly work: Work;
  /** Stronger than the work's. */
  readonly settings: Readonly<Record<string, string>>;
  /** How many change streams it opens; default 1. */
  readonly streams?: number;
  /** Sees each run but the one that finds out what starting costs. */
  readonly onRun?: (facts: RunFacts) => void;
}

export async function createTributary(
  arena: Arena,
  backlog: Backlog,
  { command, work, settings, streams = 1, onRun }: Tributary,
): Promise<Contestant> {
  const order = (from: Backlog, startToken: string) => ({
    command,
    mongodPid: arena.mongodPid,
    streams,
    settings: {
      ...sourceSettings(from, startToken),
      ...destinationSettings(arena, work.to),
      ...work.settings,
      ...settings,
    },
  });
  // From behind the last event there is nothing to do: this costs what starting costs.
  const settled = () => sleep(systemClock, SETTLE_MS);
  const startup = await runTributary(order(backlog, backlog.endToken), 0, settled);
  return {
    name: work.name,
    async run(backlog) {
      const facts = await runTributary(order(backlog, backlog.startToken), backlog.events);
      onRun?.(facts);
      return {
        eventsPerSecond: rateOf(facts, backlog.counted),
        cpuMicrosPerEvent: (facts.usage.cpuMicros - startup.usage.cpuMicros) / backlog.events,
        peakBytes: facts.usage.peakBytes,
        mongodMicrosPerEvent: (facts.mongodCpuMicros - startup.mongodCpuMicros) / backlog.events,
        load: Deno.loadavg()[0]!,
      };
    },
  };
}

/** Settings that name the backlog's collections and where to begin. */
export function sourceSettings(
  backlog: Pick<Backlog, "uri" | "database" | "collection">,
  startFrom: string,
): Record<string, string> {
  return {
    MONGODB_URI: backlog.uri,
    MONGODB_DATABASE: backlog.database,
    ...(backlog.collection === "*" ? {} : { MONGODB_COLLECTIONS: backlog.collection }),
    START_FROM: startFrom,
    // The last batch is never full: so long it waits for more. The others are full sooner.
    BATCH_TIMEOUT: "2s",
  };
}

/** BATCH_SIZE with these settings. */
export function batchRowsOf(settings: Readonly<Record<string, string>>): number {
  return Number(settings["BATCH_SIZE"] ?? BATCH_SIZE);
}

/** Settings for a destination nobody else uses. */
export function destinationSettings(arena: Arena, to: Work["to"]): Record<string, string> {
  const name = runName();
  if (to === "disk") return { DESTINATION: pathToFileURL(join(arena.folder, name)).href };
  return {
    DESTINATION: `s3://${arena.s3.bucket}/${name}`,
    S3_ENDPOINT: arena.s3.endpoint,
    ...s3Credentials(),
  };
}

export function s3Credentials(): Record<string, string> {
  return {
    AWS_REGION: MINIO_REGION,
    AWS_ACCESS_KEY_ID: MINIO_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: MINIO_SECRET_KEY,
  };
}
