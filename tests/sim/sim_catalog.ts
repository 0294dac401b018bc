import { WantedCollections } from "../../src/app/wanted_collections.ts";
import type { CollectionStream } from "../../src/model/layout.ts";
import type { NamespaceFilter, StreamSettings } from "../../src/model/settings.ts";
import { targetKey } from "../../src/model/stream.ts";
import type { LayoutNews } from "../../src/pipeline/layout_news.ts";
import type { Journal, Layouts, Source } from "../../src/pipeline/stages.ts";
import { resolveStart } from "../../src/pipeline/start_position.ts";
import { StreamCatalog } from "../../src/pipeline/stream_catalog.ts";
import type { StreamOptions } from "../../src/pipeline/stream_context.ts";
import type { MemoryOplog } from "../../src/source/memory_oplog.ts";
import { isNamespaceWanted } from "../../src/source/namespace_match.ts";
import type { Targets } from "./targets.ts";

export interface SimCatalogParts {
  readonly targets: Targets;
  readonly settings: StreamSettings;
  readonly options: StreamOptions;
  readonly source: Source;
  readonly list: (filter: NamespaceFilter) => Promise<CollectionStream[]>;
  readonly journal: Journal;
  readonly layouts: Layouts;
  readonly layoutNews: LayoutNews;
  readonly signal: AbortSignal;
}

/** The catalog of an instance, put together as the program does (`src/app/plane.ts`). */
export function simCatalog(parts: SimCatalogParts): StreamCatalog {
  const { targets, settings, options, source, journal, layouts, layoutNews, signal } = parts;
  const { listing = { include: [], exclude: [] }, collections } = targets;
  const watch = {
    level: "collection",
    collections,
    listing: targets.listing !== undefined,
    filter: listing,
  } as const;
  const wanted = new WantedCollections({
    watch: () => watch,
    list: parts.list,
    operationTime: async () => (await source.describe(signal)).operationTime,
  });
  return new StreamCatalog({
    appeared: async (collection) => {
      const start = wanted.startOf(collection);
      if (start !== undefined) await journal.putStart(targetKey(collection), start);
    },
    looked: () => wanted.looked(),
    journal,
    layouts,
    layoutNews,
    whole: targets.whole,
    collections: () => wanted.look(),
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
