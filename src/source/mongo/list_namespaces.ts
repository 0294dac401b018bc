import { type Document, type MongoClient, Timestamp } from "mongodb";
import type { ClusterTime } from "../../model/cluster_time.ts";
import { wantedNamespaces } from "../../model/namespace_filter.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { signalOption } from "./server_facts.ts";

export interface NamedCollection {
  readonly database: string;
  readonly collection: string;
}

/** A collection as far as its change stream is concerned. */
export interface WatchedCollection extends NamedCollection {
  /** The server keeps pre- and post-images of its documents (`changeStreamPreAndPostImages`, MongoDB 6.0). */
  readonly keepsImages: boolean;
}

/** Their change streams cannot be opened. */
const INTERNAL_DATABASES = ["admin", "config", "local"];

/**
 * The collections that a filter wants, of one database or of all that the user may list, by name. Views and system
 * collections have no change stream and are left out. `atLeast`: a member that is behind that time waits until it is not.
 */
export async function listNamespaces(
  client: MongoClient,
  filter: NamespaceFilter,
  database: string | undefined,
  signal: AbortSignal,
  atLeast?: ClusterTime,
): Promise<NamedCollection[]> {
  const list = (name: string, concern: Document) => listNames(client, name, concern, signal);
  return await listWanted(client, filter, database, signal, list, atLeast);
}

/** The same with what the server keeps of their documents. */
export async function listWatched(
  client: MongoClient,
  filter: NamespaceFilter,
  database: string | undefined,
  signal: AbortSignal,
): Promise<WatchedCollection[]> {
  const list = (name: string, concern: Document) => listCollections(client, name, concern, signal);
  return await listWanted(client, filter, database, signal, list);
}

async function listWanted<T extends NamedCollection>(
  client: MongoClient,
  filter: NamespaceFilter,
  database: string | undefined,
  signal: AbortSignal,
  list: (database: string, concern: Document) => Promise<T[]>,
  atLeast?: ClusterTime,
): Promise<T[]> {
  const concern = atLeast === undefined
    ? {}
    : { readConcern: { afterClusterTime: new Timestamp(atLeast) } };
  const databases = database === undefined
    ? await listDatabases(client, signal, concern)
    : [database];
  const lists = await Promise.all(databases.map((name) => list(name, concern)));
  const isWanted = wantedNamespaces(filter);
  const byName = new Map<string, T>();
  for (const found of lists.flat()) {
    const name = `${found.database}.${found.collection}`;
    if (isWanted(name)) byName.set(name, found);
  }
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

/** All that the user may list and that can be watched. */
export async function listDatabases(
  client: MongoClient,
  signal: AbortSignal,
  concern: Document = {},
): Promise<string[]> {
  const command = { listDatabases: 1, nameOnly: true, authorizedDatabases: true, ...concern };
  const options = { ...signalOption(signal), readPreference: client.readPreference };
  const reply = await client.db("admin").command(command, options);
  const names: string[] = reply["databases"].map((found: { name: string }) => found.name);
  return names.filter((name) => !INTERNAL_DATABASES.includes(name));
}

/** What else the server could tell of thousands of collections weighs much more than their names. */
async function listNames(...where: Where): Promise<NamedCollection[]> {
  const [, database] = where;
  const infos = await listInfos({ nameOnly: true }, ...where);
  return infos.map((info) => ({ database, collection: info["name"] }));
}

async function listCollections(...where: Where): Promise<WatchedCollection[]> {
  const [, database] = where;
  const infos = await listInfos({ nameOnly: false }, ...where);
  return infos.map((info) => ({
    ...{ database, collection: info["name"] },
    keepsImages: imagesOf(info) === true,
  }));
}

type Where = [client: MongoClient, database: string, concern: Document, signal: AbortSignal];

async function listInfos(
  { nameOnly }: { readonly nameOnly: boolean },
  ...[client, database, concern, signal]: Where
): Promise<Document[]> {
  const command = {
    listCollections: 1,
    filter: { type: "collection" },
    authorizedCollections: true,
    nameOnly,
    ...concern,
  };
  const options = { readPreference: client.readPreference, signal };
  const infos = await client.db(database).runCursorCommand(command, options).toArray();
  return infos.filter((info) => !info["name"].startsWith("system."));
}

function imagesOf(info: object): unknown {
  const options: unknown = "options" in info ? info.options : undefined;
  const images = (options as Record<string, { enabled?: unknown }> | undefined)
    ?.["changeStreamPreAndPostImages"];
  return images?.enabled;
}
