import type { MongoClient } from "mongodb";
import { isNamespaceWanted } from "../model/namespace_filter.ts";
import type { StreamSettings } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";
import { ifPermitted, signalOption } from "./server_facts.ts";

/** A sharded collection as the cluster's own list has it. */
interface ShardedCollection {
  /** `db.coll`. */
  readonly _id: string;
  readonly key?: Readonly<Record<string, unknown>>;
}

/**
 * Collections, with the field, of whose shard key REDACT names a part: every resume token holds it, so their streams
 * stop at the first event. Empty where the user may not see the list; then the stream tells.
 */
export async function redactedShardKeys(
  client: Pick<MongoClient, "db">,
  streams: readonly Stream[],
  { redact = [], namespaces }: Pick<StreamSettings, "redact" | "namespaces">,
  signal: AbortSignal,
): Promise<string[]> {
  if (redact.length === 0) return [];
  const list = client.db("config").collection<ShardedCollection>("collections")
    .find({}, { projection: { key: 1 }, ...signalOption(signal) });
  const sharded = await ifPermitted(list.toArray()) ?? [];
  return sharded.flatMap(({ _id: name, key = {} }) => {
    const field = Object.keys(key).find((each) => redact.some((path) => overlaps(each, path)));
    const isWatched = streams.some((stream) => watches(stream, name, namespaces));
    return field === undefined || !isWatched ? [] : [`${name} (${field})`];
  }).sort();
}

function overlaps(field: string, path: string): boolean {
  return field === path || field.startsWith(`${path}.`) || path.startsWith(`${field}.`);
}

function watches(
  stream: Stream,
  name: string,
  namespaces: StreamSettings["namespaces"],
): boolean {
  if (stream.level === "collection") return name === `${stream.database}.${stream.collection}`;
  const isInside = stream.level === "deployment" || name.startsWith(`${stream.database}.`);
  return isInside && isNamespaceWanted(namespaces, name);
}
