import { decodeName, encodeNameWithoutDots } from "./keys/name_encoding.ts";

export type WatchLevel = "collection" | "database" | "deployment";

/** One of the streams that a collection's events are divided into: `index` counts from 1 to `of`. */
export interface Partition {
  readonly epoch: number;
  readonly index: number;
  readonly of: number;
}

/** One change stream, the unit of ownership: a watch level and its target, or a partition of a collection. */
export type Stream =
  | { readonly level: "deployment" }
  | { readonly level: "database"; readonly database: string }
  | {
    readonly level: "collection";
    readonly database: string;
    readonly collection: string;
    readonly partition?: Partition;
  };

/** How people see and name a stream: `deployment`, `database:shop`, `collection:shop.orders`, `collection:shop.orders 2/4`. */
export function streamName(stream: Stream): string {
  switch (stream.level) {
    case "deployment":
      return "deployment";
    case "database":
      return `database:${stream.database}`;
    case "collection": {
      const target = `collection:${stream.database}.${stream.collection}`;
      const partition = stream.partition;
      return partition === undefined ? target : `${target} ${partition.index}/${partition.of}`;
    }
  }
}

/** The stream's part of keys in the lake and in Redis; two different streams never share one. */
export function streamKey(stream: Stream): string {
  const target = targetKey(stream);
  const partition = stream.level === "collection" ? stream.partition : undefined;
  if (partition === undefined) return target;
  return `${target}.e${partition.epoch}.${partition.index}of${partition.of}`;
}

/** The key of what the stream watches, the same for all partitions of a collection. */
export function targetKey(stream: Stream): string {
  switch (stream.level) {
    case "deployment":
      return "deployment";
    case "database":
      return `database.${encodeNameWithoutDots(stream.database)}`;
    case "collection":
      return `collection.${encodeNameWithoutDots(stream.database)}.${
        encodeNameWithoutDots(stream.collection)
      }`;
  }
}

/** Whether it has all events of one collection. */
export function isWholeCollection(stream: Stream): boolean {
  return stream.level === "collection" && stream.partition === undefined;
}

/** The stream without its partition: what it watches. */
export function wholeTarget(stream: Stream): Stream {
  if (stream.level !== "collection") return stream;
  const { level, database, collection } = stream;
  return { level, database, collection };
}

/** The stream that `streamKey` was given; undefined for other texts and for names that a hash has shortened. */
export function parseStreamKey(key: string): Stream | undefined {
  const stream = readStreamKey(key);
  // The same stream can be written otherwise (`%61` for `a`), but that is not its key.
  return stream !== undefined && streamKey(stream) === key ? stream : undefined;
}

function readStreamKey(key: string): Stream | undefined {
  if (key === "deployment") return { level: "deployment" };
  const parts = key.split(".");
  const database = decodeName(parts[1] ?? "");
  if (!database) return undefined;
  if (parts[0] === "database" && parts.length === 2) return { level: "database", database };
  if (parts[0] !== "collection") return undefined;
  const collection = decodeName(parts[2] ?? "");
  if (!collection) return undefined;
  if (parts.length === 3) return { level: "collection", database, collection };
  const match = /^e(\d+)\.(\d+)of(\d+)$/.exec(parts.slice(3).join("."));
  if (match === null) return undefined;
  const partition = { epoch: Number(match[1]), index: Number(match[2]), of: Number(match[3]) };
  return { level: "collection", database, collection, partition };
}

/** Reads a stream's name as `streamName` writes it, without a partition; undefined if it is none. */
export function parseStreamName(name: string): Stream | undefined {
  if (name === "deployment") return { level: "deployment" };
  const database = /^database:(.+)$/s.exec(name)?.[1];
  if (database !== undefined) return { level: "database", database };
  const match = /^collection:([^.]+)\.(.+)$/s.exec(name);
  if (match === null) return undefined;
  return { level: "collection", database: match[1]!, collection: match[2]! };
}

/** Whether some event could belong to both targets. Partitions of one collection do not overlap by construction. */
export function targetsOverlap(a: Stream, b: Stream): boolean {
  if (a.level === "deployment" || b.level === "deployment") return true;
  if (a.database !== b.database) return false;
  if (a.level === "database" || b.level === "database") return true;
  return a.collection === b.collection;
}

/** Whether both watch the same, as `targetKey` says, without a key for each: it is asked of a thousand streams a thousand times. */
export function isSameTarget(a: Stream, b: Stream): boolean {
  if (a.level === "deployment" || b.level === "deployment") return a.level === b.level;
  if (a.level === "database" || b.level === "database") {
    return a.level === b.level && a.database === b.database;
  }
  return a.database === b.database && a.collection === b.collection;
}

/** Whether all events of `inner` are events of `outer`, which watches more. */
export function isWider(outer: Stream, inner: Stream): boolean {
  if (outer.level === "deployment") return inner.level !== "deployment";
  return outer.level === "database" && inner.level === "collection" &&
    outer.database === inner.database;
}
