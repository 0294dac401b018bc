import type { AppTools, Resources } from "./resources.ts";
import type { Config } from "../config/config.ts";
import type { LiveConfig } from "../config/live_config.ts";
import { collectionChoice, wholeStreams } from "../config/watched_streams.ts";
import { streamSettings } from "../config/stream_settings.ts";
import type { OpenDestination } from "../destination/open_destination.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { createObjectCoverage } from "../journal/object_coverage.ts";
import { createObjectLayouts } from "../journal/object_layouts.ts";
import { streamName } from "../model/stream.ts";
import { logCoverageEvent } from "../observe/coverage_log.ts";
import { LayoutNews } from "../pipeline/layout_news.ts";
import { MemoryBudget } from "../pipeline/memory_budget.ts";
import { FleetRecordFormat } from "../pipeline/record_format.ts";
import { SelectionCoverage } from "../pipeline/selection_coverage.ts";
import { resolveFirstStart, resolveStart } from "../pipeline/start_position.ts";
import { StreamCatalog } from "../pipeline/stream_catalog.ts";
import { streamOptions } from "../pipeline/stream_options.ts";
import { StreamSetup } from "../pipeline/stream_setup.ts";
import { WantedCollections } from "../pipeline/wanted_collections.ts";
import type { MongoSource } from "../source/mongo_source.ts";
import { Limiter } from "../support/limited.ts";

/**
 * Streams that take over their journals at once: each sends about ten requests, one after the other, and with 25 ms for each
 * of them 200 streams take a third of the time that they would with four. Hundreds would only fill the memory.
 */
const STREAMS_OPENING_MAX = 16;

/** Batches that are made again at once, each with all its events in memory. */
const REDOS_MAX = 4;

/** How a pipeline's parts stand together. */
export type Plane = ReturnType<typeof planeOf>;

/** What all streams of a pipeline share, but for the encoder. */
export function planeOf(
  config: Config,
  { clock, random }: AppTools,
  resources: Resources,
  outside: { readonly source: MongoSource; readonly destination: OpenDestination },
) {
  const layouts = createObjectLayouts(outside.destination);
  return {
    ...outside,
    journal: resources.journal(outside.destination),
    coverage: {
      log: createObjectCoverage(outside.destination),
      source: outside.source.namespaces,
    },
    layouts,
    layoutNews: new LayoutNews(layouts, clock),
    state: resources.state(),
    recordFormat: new FleetRecordFormat(clock, config.recordFormat),
    budget: new MemoryBudget(config.memoryBudgetBytes),
    openings: new Limiter(STREAMS_OPENING_MAX),
    redos: new Limiter(REDOS_MAX),
    settings: streamSettings(config, ENCODER_VERSION),
    options: streamOptions(config),
    clock,
    random,
  };
}

/** What all streams are set to, following the configuration. */
export function streamSetup(live: LiveConfig, { settings, options }: Plane): StreamSetup {
  const setup = new StreamSetup(settings, options);
  live.onReplaced((config) =>
    setup.replace(streamSettings(config, ENCODER_VERSION), streamOptions(config))
  );
  return setup;
}

/** The streams that the settings name, and what becomes of them as collections appear and are divided. */
export function streamCatalog(
  live: LiveConfig,
  plane: Plane,
  { log }: AppTools,
  wanted: WantedCollections,
  signal: AbortSignal,
): StreamCatalog {
  const { source, journal, layouts, layoutNews, settings } = plane;
  const { watch, partitions, startFrom } = live.current;
  return new StreamCatalog({
    journal,
    layouts,
    layoutNews,
    partitions,
    whole: wholeStreams(watch),
    collections: () => wanted.look(signal),
    resolveStart: (stream) =>
      resolveStart({ source, stream, settings, options: { startFrom } }, signal),
    differs: (stream, of) => {
      if (of === 0) {
        return log.warn("A retired collection is in the settings: nothing of it is streamed", {
          stream: streamName(stream),
          change: "take it out of the settings, or use another prefix",
        });
      }
      log.warn("PARTITIONS differs from the layout in force, which stays", {
        stream: streamName(stream),
        partitions: of,
        change: `tributary layout set ${stream.database}.${stream.collection} ${partitions}`,
      });
    },
  });
}

/** The collections that the settings ask for; `changed` is called when there may be others than at the last look. */
export function wantedCollections(
  live: LiveConfig,
  plane: Plane,
  { log }: AppTools,
  changed: () => void,
  signal: AbortSignal,
): WantedCollections {
  const { source, destination, journal, layouts, layoutNews, coverage, clock, random } = plane;
  return new WantedCollections(
    () => collectionChoice(live.current.watch),
    (filter) =>
      new SelectionCoverage({
        ...{ filter, destination, journal, layouts, layoutNews, clock, random, changed },
        log: coverage.log,
        source: source.namespaces,
        startPosition: () => resolveFirstStart({ source }, live.current.startFrom, signal),
        onHistoryLost: () => live.current.onHistoryLost,
        observe: (event) => logCoverageEvent(log, event),
      }),
  );
}
