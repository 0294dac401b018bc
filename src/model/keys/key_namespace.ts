import { readObjectName } from "./object_name.ts";
import { parseStreamKey } from "../stream.ts";

/** Of what a file in the lake is: empty where its stream has many, or the file is of no stream. */
export interface KeyNamespace {
  readonly database: string;
  readonly collection: string;
}

/**
 * What the key of an object, a dead-letter file or a file of a journal says of its stream. Not what the object holds: of a
 * database's stream that is in folders, and folders come from settings.
 */
export function namespaceOfKey(key: string): KeyNamespace {
  const streamKey = readObjectName(key)?.streamKey ??
    /^_tributary\/streams\/([^/]+)\//.exec(key)?.[1];
  const stream = streamKey === undefined ? undefined : parseStreamKey(streamKey);
  if (stream === undefined || stream.level === "deployment") {
    return { database: "", collection: "" };
  }
  return {
    database: stream.database,
    collection: stream.level === "collection" ? stream.collection : "",
  };
}
