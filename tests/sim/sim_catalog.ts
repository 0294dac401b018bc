import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import { isNamespaceWanted } from "../../src/model/namespace_filter.ts";
import type { NamespaceFilter, StreamSettings } from "../../src/model/settings.ts";
import type { LayoutNews } from "../../src/pipeline/layout_news.ts";
import { SelectionCoverage } from "../../src/pipeline/selection_coverage.ts";
import type {
  Destination,
  Journal,
  Layouts,
  NamespaceSource,
  Source,
} from "../../src/pipeline/stages.ts";
import { resolveFirstStart, resolveStart } from "../../src/pipeline/start_position.ts";
import { StreamCatalog } from "../../src/pipeline/stream_catalog.ts";
import type { StreamOptions } from "../../src/pipeline/stream_context.ts";
import { WantedCollections } from "../../src/pipeline/wanted_collections.ts";
import type { MemoryOplog } from "../../src/source/memory_oplog.ts";
import type { Clock } from "../../src/support/clock.ts";
import type { Random } from "../../src/support/random.ts";
import type { Targets } from "./targets.ts";

export interface SimCatalogParts {
  readonly targets: Targets;
  readonly settings: StreamSettings;
  readonly options: StreamOptions;
  readonly source: Source;
  readonly namespaces: NamespaceSource;
  readonly destination: Destination;
  readonly journal: Journal;
  readonly layouts: Layouts;
  readonly layoutNews: LayoutNews;
  readonly clock: Clock;
  readonly random: Random;
  /** Called when there may be other collections than at the last look. */
  readonly changed: () => void;
  readonly note: (what: string) => void;
  readonly signal: AbortSignal;
}

/** The catalog of an instance, put together as the program does (`src/app/plane.ts`). */
export function simCatalog(parts: SimCatalogParts): StreamCatalog {
  const { targets, settings, options, source, journal, layouts, layoutNews, signal } = parts;
  const wanted = new WantedCollections(
    () => ({
      named: targets.collections,
      ...(targets.listing === undefined ? {} : { filter: targets.listing }),
    }),
    (filter) =>
      new SelectionCoverage({
        filter,
        log: createObjectCoverage(parts.destination),
        source: parts.namespaces,
        destination: parts.destination,
        journal,
        layouts,
        layoutNews,
        startPosition: () => resolveFirstStart({ source }, options.startFrom, signal),
        onHistoryLost: () => options.onHistoryLost,
        changed: parts.changed,
        observe: ({ type }) => parts.note(`coverage ${type}`),
        clock: parts.clock,
        random: parts.random,
      }),
  );
  signal.addEventListener("abort", () => void wanted.close());
  return new StreamCatalog({
    journal,
    layouts,
    layoutNews,
    whole: targets.whole,
    collections: () => wanted.look(signal),
    partitions: targets.partitions,
    resolveStart: (stream) => resolveStart({ source, stream, settings, options }, signal),
    differs: () => {},
  });
}

/** The collections that a server has now and that a filter lets through. */
export function listCollections(oplog: MemoryOplog, filter: NamespaceFilter): CollectionStream[] {
  return oplog.collections.filter((name) => isNamespaceWanted(filter, name)).map((name) => ({
    level: "collection",
    database: name.slice(0, name.indexOf(".")),
    collection: name.slice(name.indexOf(".") + 1),
  }));
}
