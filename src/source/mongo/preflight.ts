import type { MongoClient } from "mongodb";
import { errorMessage } from "../../model/errors.ts";
import { positionAt } from "../../model/position.ts";
import type { SourceIdentity } from "../../model/record.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { type Stream, streamName } from "../../model/stream.ts";
import type { Source } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { listNamespaces } from "./list_namespaces.ts";
import { redactedShardKeys } from "./redacted_keys.ts";
import {
  describeServer,
  greet,
  ifPermitted,
  newestOplogEntry,
  oldestOplogEntry,
} from "./server_facts.ts";

export interface PreflightRequest {
  readonly streams: readonly Stream[];
  readonly settings: StreamSettings;
}

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
  /** Watched collections, `db.coll`, that keep no images although the settings ask for some. Empty if none is asked for. */
  readonly withoutImages: readonly string[];
  /** Watched collections, each with the field of its shard key, that REDACT cannot be kept for. Absent: none is known. */
  readonly redactedKeys?: readonly string[];
}

const SECONDS_AN_HOUR = 3600;

/** Streams opened side by side: an idle one takes a second to answer. */
const PREFLIGHT_STREAMS_IN_FLIGHT_MAX = 16;

/**
 * Looks at the server as `tributary run` would use it: each change stream is opened, read once and closed.
 *
 * Throws as `Source.describe` does where the server cannot be asked at all.
 */
export async function preflight(
  client: MongoClient,
  source: Source,
  request: PreflightRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<PreflightFacts> {
  const description = await describeServer(client, signal);
  const { isMongos, wallMs } = await greet(client, signal);
  const clockAheadMs = wallMs === undefined ? undefined : wallMs - clock.wallMs();
  const windowHours = isMongos ? undefined : await oplogWindowHours(client, signal);
  const streams = await mapLimited(
    request.streams,
    PREFLIGHT_STREAMS_IN_FLIGHT_MAX,
    async (stream) => {
      const fault = await findFault(source, stream, request.settings, signal);
      const name = streamName(stream);
      return fault === undefined ? { stream: name } : { stream: name, fault };
    },
  );
  const redactedKeys = isMongos
    ? await redactedShardKeys(client, request.streams, request.settings, signal)
    : [];
  return {
    version: description.version,
    topology: isMongos ? "sharded cluster" : "replica set",
    identity: description.identity,
    ...(windowHours === undefined ? {} : { oplogWindowHours: windowHours }),
    ...(clockAheadMs === undefined ? {} : { clockAheadMs }),
    streams,
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

/** Stages are parsed when the stream is opened; some faults show with the first reply only. */
async function findFault(
  source: Source,
  stream: Stream,
  settings: StreamSettings,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { operationTime } = await source.describe(signal);
    const from = positionAt(operationTime);
    const cursor = await source.open({ stream, from, settings, images: "as-set" }, signal);
    try {
      await cursor.next(1);
    } finally {
      await cursor.close();
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return errorMessage(error);
  }
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
    const found = await ifPermitted(listNamespaces(client, filter, database, signal)) ?? [];
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
