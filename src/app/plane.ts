import type { AppTools, Resources } from "./resources.ts";
import type { Config } from "../config/config.ts";
import { watchedCollections, wholeStreams } from "../config/watched_streams.ts";
import { streamSettings } from "../config/stream_settings.ts";
import type { OpenDestination } from "../destination/open_destination.ts";
import { ENCODER_VERSION } from "../encode/columns.ts";
import type { ClusterTime } from "../model/cluster_time.ts";
import { createObjectLayouts } from "../journal/object_layouts.ts";
import { positionAfterTime } from "../model/position.ts";
import { streamName, targetKey } from "../model/stream.ts";
import { MemoryBudget } from "../pipeline/memory_budget.ts";
import { resolveStart } from "../pipeline/start_position.ts";
import { StreamCatalog } from "../pipeline/stream_catalog.ts";
import { streamOptions } from "../pipeline/stream_options.ts";
import type { MongoSource } from "../source/mongo_source.ts";

/** How a pipeline's parts stand together. */
export type Plane = ReturnType<typeof planeOf>;

/** What all streams of a pipeline share, but for the encoder. */
export function planeOf(
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

/** The streams that the settings name, and what becomes of them as collections appear and are divided. */
export function streamCatalog(
  config: Config,
  { source, journal, layouts, settings }: Plane,
  { log }: AppTools,
  signal: AbortSignal,
): StreamCatalog {
  const { watch, partitions } = config;
  const looks: ClusterTime[] = [];
  return new StreamCatalog({
    journal,
    layouts,
    partitions,
    whole: wholeStreams(watch),
    collections: () =>
      watchedCollections(watch, async (filter) => {
        looks.splice(0, looks.length - 1);
        looks.push((await source.describe(signal)).operationTime);
        return await source.listNamespaces(filter, undefined, signal);
      }),
    // It did not exist at the look before, so from there on nothing of it is missing.
    appeared: async (collection) => {
      await journal.putStart(targetKey(collection), positionAfterTime(looks[0]!));
    },
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
