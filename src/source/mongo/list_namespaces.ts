import { type Document, type MongoClient, Timestamp } from "mongodb";
import type { ClusterTime } from "../../model/cluster_time.ts";
import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { signalOption } from "./server_facts.ts";

/** A collection as far as its change stream is concerned. */
export interface WatchedCollection {
  readonly database: string;
  readonly collection: string;
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
): Promise<WatchedCollection[]> {
  const concern = atLeast === undefined
    ? {}
    : { readConcern: { afterClusterTime: new Timestamp(atLeast) } };
  const databases = database === undefined
    ? await listDatabases(client, signal, concern)
    : [database];
  const lists = await Promise.all(
    databases.map((name) => listCollections(client, name, concern, signal)),
  );
  return lists.flat()
    .filter((found) => isNamespaceWanted(filter, `${found.database}.${found.collection}`))
    .sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
}

function nameOf(found: WatchedCollection): string {
  return `${found.database}.${found.collection}`;
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

async function listCollections(
  client: MongoClient,
  database: string,
  concern: Document,
  signal: AbortSignal,
): Promise<WatchedCollection[]> {
  const command = {
    listCollections: 1,
    filter: { type: "collection" },
    authorizedCollections: true,
    nameOnly: false,
    ...concern,
  };
  const options = { readPreference: client.readPreference, signal };
  const infos = await client.db(database).runCursorCommand(command, options).toArray();
  return infos.filter((info) => !info["name"].startsWith("system.")).map((info) => ({
    database,
    collection: info["name"],
    keepsImages: imagesOf(info) === true,
  }));
}

function imagesOf(info: object): unknown {
  const options: unknown = "options" in info ? info.options : undefined;
  const images = (options as Record<string, { enabled?: unknown }> | undefined)
    ?.["changeStreamPreAndPostImages"];
  return images?.enabled;
}
