import type { MongoClient } from "mongodb";
import type { SourceIdentity } from "../../model/record.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { streamName } from "../../model/stream.ts";
import type { Clock } from "../../support/clock.ts";
import type { GroupSource } from "../shared/group_source.ts";
import { listWatched } from "./list_namespaces.ts";
import { type PlannedReader, type StreamsToTry, tryStreams } from "./planned_readers.ts";
import { redactedShardKeys } from "./redacted_keys.ts";
import {
  describeServer,
  greet,
  ifPermitted,
  newestOplogEntry,
  oldestOplogEntry,
} from "./server_facts.ts";

export type PreflightRequest = StreamsToTry;

/** What `tributary check` can say about the MongoDB side. */
export interface PreflightFacts {
  readonly version: string;
  readonly topology: "replica set" | "sharded cluster";
  readonly identity: SourceIdentity;
  /** The time between the oldest and the newest entry of the oplog, in hours; absent where it cannot be read. */
  readonly oplogWindowHours?: number;
  /** How far the server's clock is ahead of ours (negative: behind), to a round trip; absent where it tells none. */
  readonly clockAheadMs?: number;
  /** Each stream, and the one sentence that says why it cannot be opened; absent if it can. */
  readonly streams: readonly { readonly stream: string; readonly fault?: string }[];
  /** The change streams that an instance with all of those that can be opened has. */
  readonly readers: readonly PlannedReader[];
  /** Into how many streams each collection is to be divided. */
  readonly partitions: number;
  /** Watched collections, `db.coll`, that keep no images although the settings ask for some. Empty if none is asked for. */
  readonly withoutImages: readonly string[];
  /** Watched collections, each with the field of its shard key, that REDACT cannot be kept for. Absent: none is known. */
  readonly redactedKeys?: readonly string[];
}

const SECONDS_AN_HOUR = 3600;

/**
 * Looks at the server as `tributary run` would use it: the change streams are opened, read once and closed.
 *
 * Throws as `Source.describe` does where the server cannot be asked at all.
 */
export async function preflight(
  client: MongoClient,
  source: GroupSource,
  request: PreflightRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<PreflightFacts> {
  const description = await describeServer(client, signal);
  const { isMongos, wallMs } = await greet(client, signal);
  const clockAheadMs = wallMs === undefined ? undefined : wallMs - clock.wallMs();
  const windowHours = isMongos ? undefined : await oplogWindowHours(client, signal);
  const { readers, faults } = await tryStreams(source, request, signal);
  const streams = request.streams.map(streamName).map((stream) => {
    const fault = faults.get(stream);
    return fault === undefined ? { stream } : { stream, fault };
  });
  const redactedKeys = isMongos
    ? await redactedShardKeys(client, request.streams, request.settings, signal)
    : [];
  return {
    version: description.version,
    topology: isMongos ? "sharded cluster" : "replica set",
    identity: description.identity,
    ...(windowHours === undefined ? {} : { oplogWindowHours: windowHours }),
    ...(clockAheadMs === undefined ? {} : { clockAheadMs }),
    ...{ streams, readers, partitions: request.partitions ?? 1 },
    withoutImages: await collectionsWithoutImages(client, request, signal),
    ...(redactedKeys.length === 0 ? {} : { redactedKeys }),
  };
}

async function oplogWindowHours(
  client: MongoClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  const oldest = await ifPermitted(oldestOplogEntry(client, signal));
  const newest = await ifPermitted(newestOplogEntry(client, signal));
  if (oldest === undefined || newest === undefined) return undefined;
  return (newest.time.t - oldest.time.t) / SECONDS_AN_HOUR;
}

async function collectionsWithoutImages(
  client: MongoClient,
  request: PreflightRequest,
  signal: AbortSignal,
): Promise<string[]> {
  if (!asksForImages(request.settings)) return [];
  const names = new Set<string>();
  for (const stream of request.streams) {
    const database = stream.level === "deployment" ? undefined : stream.database;
    const filter = stream.level === "collection"
      ? { include: [], exclude: [] }
      : request.settings.namespaces;
    const found = await ifPermitted(listWatched(client, filter, database, signal)) ?? [];
    for (const { database, collection, keepsImages } of found) {
      const isOther = stream.level === "collection" && collection !== stream.collection;
      if (!keepsImages && !isOther) names.add(`${database}.${collection}`);
    }
  }
  return [...names].sort();
}

function asksForImages(settings: StreamSettings): boolean {
  const stored = ["when-available", "required"];
  return stored.includes(settings.fullDocument) ||
    stored.includes(settings.fullDocumentBeforeChange);
}
