import type { NamespaceFilter } from "../../model/settings.ts";
import type { CollectionName, Watch } from "../config.ts";
import type { Resolution } from "./resolution.ts";

/** One entry of MONGODB_COLLECTIONS, its database filled in. */
interface Entry {
  readonly database: string;
  readonly collection: string;
  readonly exclude: boolean;
}

const ALL: NamespaceFilter = { include: [], exclude: [] };

/** The watch level, its target and the filter; undefined where the settings contradict each other. */
export function resolveWatch(resolution: Resolution): Watch | undefined {
  const { values } = resolution;
  if (resolution.isBroken("MONGODB_DATABASE", "MONGODB_COLLECTIONS", "WATCH_LEVEL")) {
    return undefined;
  }
  const entries = readEntries(resolution, values.MONGODB_COLLECTIONS ?? []);
  if (resolution.isBroken("MONGODB_COLLECTIONS")) return undefined;
  const database = values.MONGODB_DATABASE ?? onlyDatabase(entries);
  const level = values.WATCH_LEVEL ?? derivedLevel(entries, database);
  if (values.PARTITIONS > 1 && level !== "collection") {
    resolution.fault(
      "PARTITIONS",
      `Only collections are divided, and the watch level is ${level}.`,
      "Name whole collections in MONGODB_COLLECTIONS, or set WATCH_LEVEL=collection.",
    );
  }
  switch (level) {
    case "collection":
      return collectionWatch(resolution, entries);
    case "database":
      if (database !== undefined) return { level, database, filter: filterOf(entries) };
      resolution.fault(
        "WATCH_LEVEL",
        "The level database needs one database, and the settings name none or several.",
        "Set MONGODB_DATABASE, or WATCH_LEVEL=deployment.",
      );
      return undefined;
    case "deployment":
      return { level, filter: deploymentFilter(entries, values.MONGODB_DATABASE) };
  }
}

function readEntries(resolution: Resolution, items: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (const item of items) {
    const entry = readEntry(item, resolution.values.MONGODB_DATABASE);
    if (typeof entry === "string") {
      resolution.fault("MONGODB_COLLECTIONS", entry, undefined, item);
    } else entries.push(entry);
  }
  return entries;
}

/** The entry, or what is wrong with it. */
function readEntry(item: string, database: string | undefined): Entry | string {
  const exclude = item.startsWith("!");
  const name = (exclude ? item.slice(1) : item).trim();
  const collection = database === undefined
    ? /^[^.]+\.(.+)$/s.exec(name)?.[1]
    // The database may stand in front; any other dot belongs to the collection's name (fs.files).
    : name.startsWith(`${database}.`)
    ? name.slice(database.length + 1)
    : name;
  if (collection === undefined) {
    return `The entry "${item}" names no database: write db.coll, or set MONGODB_DATABASE.`;
  }
  if (collection === "" || /[$\0]/.test(collection)) {
    return `The entry "${item}" cannot be the name of a collection.`;
  }
  const databaseName = database ?? name.slice(0, name.indexOf("."));
  if (/[/\\ "$\0]/.test(databaseName)) {
    return `The entry "${item}" cannot begin with the name of a database.`;
  }
  return { database: databaseName, collection, exclude };
}

/** The database that every included entry names, without a `*`. Excludes alone name none: all others stay. */
function onlyDatabase(entries: readonly Entry[]): string | undefined {
  const databases = new Set(entries.filter((e) => !e.exclude).map((e) => e.database));
  const [first] = databases;
  return databases.size === 1 && !isGlob(first!) ? first : undefined;
}

function derivedLevel(
  entries: readonly Entry[],
  database: string | undefined,
): "collection" | "database" | "deployment" {
  const literal = entries.length > 0 && entries.every((e) => !e.exclude && !hasGlob(e));
  if (literal) return "collection";
  return database === undefined ? "deployment" : "database";
}

function collectionWatch(resolution: Resolution, entries: readonly Entry[]): Watch | undefined {
  const included = entries.filter((e) => !e.exclude);
  if (included.length === 0) {
    resolution.fault(
      "WATCH_LEVEL",
      "The level collection needs collections, and MONGODB_COLLECTIONS names none.",
      "Name them in MONGODB_COLLECTIONS (`*` for all of a database), or take WATCH_LEVEL away.",
    );
    return undefined;
  }
  const filter = filterOf(entries);
  const names = new Map<string, CollectionName>();
  for (const { database, collection } of included.filter((e) => !hasGlob(e))) {
    names.set(`${database}.${collection}`, { database, collection });
  }
  return {
    level: "collection",
    collections: [...names.values()],
    listing: included.some(hasGlob),
    filter,
  };
}

/** On the level of the deployment a single database is a filter, too. */
function deploymentFilter(
  entries: readonly Entry[],
  database: string | undefined,
): NamespaceFilter {
  const filter = filterOf(entries);
  if (database === undefined || filter.include.length > 0) return filter;
  return { include: [`${database}.*`], exclude: filter.exclude };
}

function filterOf(entries: readonly Entry[]): NamespaceFilter {
  if (entries.length === 0) return ALL;
  const patterns = (exclude: boolean) => {
    const all = entries.filter((e) => e.exclude === exclude);
    return [...new Set(all.map((e) => `${e.database}.${e.collection}`))].sort();
  };
  return { include: patterns(false), exclude: patterns(true) };
}

function hasGlob(entry: Entry): boolean {
  return isGlob(entry.database) || isGlob(entry.collection);
}

function isGlob(name: string): boolean {
  return name.includes("*");
}
