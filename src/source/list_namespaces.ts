import type { MongoClient } from "mongodb";
import type { NamespaceFilter } from "../model/settings.ts";
import { isNamespaceWanted } from "./namespace_match.ts";
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
 * collections have no change stream and are left out.
 */
export async function listNamespaces(
  client: MongoClient,
  filter: NamespaceFilter,
  database: string | undefined,
  signal: AbortSignal,
): Promise<WatchedCollection[]> {
  const databases = database === undefined ? await listDatabases(client, signal) : [database];
  const lists = await Promise.all(databases.map((name) => listCollections(client, name, signal)));
  return lists.flat()
    .filter((found) => isNamespaceWanted(filter, `${found.database}.${found.collection}`))
    .sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
}

function nameOf(found: WatchedCollection): string {
  return `${found.database}.${found.collection}`;
}

/** All that the user may list and that can be watched. */
export async function listDatabases(client: MongoClient, signal: AbortSignal): Promise<string[]> {
  const command = { listDatabases: 1, nameOnly: true, authorizedDatabases: true };
  const reply = await client.db("admin").command(command, signalOption(signal));
  const names: string[] = reply["databases"].map((found: { name: string }) => found.name);
  return names.filter((name) => !INTERNAL_DATABASES.includes(name));
}

async function listCollections(
  client: MongoClient,
  database: string,
  signal: AbortSignal,
): Promise<WatchedCollection[]> {
  const options = { authorizedCollections: true, nameOnly: false, signal };
  const infos = await client.db(database).listCollections({ type: "collection" }, options)
    .toArray();
  return infos.filter((info) => !info.name.startsWith("system.")).map((info) => ({
    database,
    collection: info.name,
    keepsImages: imagesOf(info) === true,
  }));
}

function imagesOf(info: object): unknown {
  const options: unknown = "options" in info ? info.options : undefined;
  const images = (options as Record<string, { enabled?: unknown }> | undefined)
    ?.["changeStreamPreAndPostImages"];
  return images?.enabled;
}
