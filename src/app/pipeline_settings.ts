import type { Config } from "../config/config.ts";
import { collectionChoice, wholeStreams } from "../config/watched_streams.ts";
import { streamSettings } from "../config/stream_settings.ts";
import type { Self } from "../coordinate/self.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { streamOptions } from "../pipeline/run/stream_options.ts";
import type { PipelineSettings, StreamChoice } from "./compose.ts";
import type { StreamLimits } from "./stream_parts.ts";

/**
 * Streams that take over their journals at once: each sends about ten requests, one after the other, and with 25 ms for each
 * of them 200 streams take a third of the time that they would with four. Those that go together share listings and
 * questions to MongoDB. Hundreds would only fill the memory.
 */
const STREAMS_OPENING_MAX = 32;

const REDOS_MAX = 4;

const LOOK_MS = 30_000;
const NEWS_MS = 1_000;

/** What a configuration says of a pipeline. */
export function pipelineSettings(config: Config, self: Self): PipelineSettings {
  const { watch, partitions, lock, snapshot } = config;
  return {
    ...streamChoice(config),
    snapshotLimits: {
      rangesMax: config.snapshotParallel,
      ...(config.snapshotRateMax === undefined ? {} : {
        documentsPerSecondMax: config.snapshotRateMax,
      }),
    },
    ...{ self, partitions, snapshot, whole: wholeStreams(watch), limits: streamLimits(config) },
    timing: {
      ttlMs: lock.ttlMs,
      refreshMs: lock.refreshIntervalMs,
      retryMs: lock.retryIntervalMs,
      lookMs: LOOK_MS,
      newsMs: NEWS_MS,
    },
  };
}

/** What of it may be replaced while streams run. */
export function streamChoice(config: Config): StreamChoice {
  return {
    collections: collectionChoice(config.watch),
    settings: streamSettings(config, ENCODER_VERSION),
    options: streamOptions(config),
  };
}

export function streamLimits({ memoryBudgetBytes, recordFormat }: Config): StreamLimits {
  return {
    ...{ memoryBudgetBytes, recordFormat },
    openingsMax: STREAMS_OPENING_MAX,
    redosMax: REDOS_MAX,
  };
}
