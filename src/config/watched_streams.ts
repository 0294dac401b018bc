import type { CollectionStream } from "../model/layout.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";
import type { CollectionName, Watch } from "./config.ts";

/** The stream of a database or a deployment; none where collections are watched each on its own. */
export function wholeStreams(watch: Watch): Stream[] {
  switch (watch.level) {
    case "deployment":
      return [{ level: "deployment" }];
    case "database":
      return [{ level: "database", database: watch.database }];
    case "collection":
      return [];
  }
}

/** The collections that are watched each on its own: those named, and those found where patterns are to be filled in. */
export async function watchedCollections(
  watch: Watch,
  list: (filter: NamespaceFilter) => Promise<readonly CollectionName[]>,
): Promise<CollectionStream[]> {
  if (watch.level !== "collection") return [];
  const found = watch.listing ? await list(watch.filter) : [];
  const byName = new Map<string, CollectionStream>();
  for (const { database, collection } of [...watch.collections, ...found]) {
    byName.set(`${database}.${collection}`, { level: "collection", database, collection });
  }
  return [...byName.values()];
}

/** The same as the data plane takes it: it finds the collections, and those that come and go. */
export function collectionChoice(
  watch: Watch,
): { readonly named: CollectionStream[]; readonly filter?: NamespaceFilter } {
  if (watch.level !== "collection") return { named: [] };
  const named = watch.collections.map((each): CollectionStream => {
    return { level: "collection", ...each };
  });
  return watch.listing ? { named, filter: watch.filter } : { named };
}
