import { type Document, type MongoClient, ObjectId, Timestamp } from "mongodb";
import { PermanentError, TransientError } from "../../model/errors.ts";
import type { ClusterTime } from "../../model/cluster_time.ts";
import type { SourceIdentity } from "../../model/record.ts";
import type { SourceDescription } from "../../pipeline/ports.ts";
import { serverErrorCode, STANDALONE } from "./classify_error.ts";

/** What `hello` tells about the server that answered it. */
export interface ServerGreeting {
  readonly isMongos: boolean;
  /** The replica set's name; undefined on mongos. */
  readonly setName: string | undefined;
  /** A secondary may be behind the member that a position was read from. */
  readonly isSecondary: boolean;
  /** Under which address the member knows itself; undefined on mongos. */
  readonly me: string | undefined;
  /** The server's wall clock, in milliseconds since 1970; undefined where it tells none. */
  readonly wallMs: number | undefined;
  /** The last operation the server knows: of the member, or on mongos of the cluster. */
  readonly operationTime: ClusterTime;
}

const STARTING =
  "Cannot read from MongoDB: the member of the set that answers is starting or recovering";

/** Clients whose server has told its operation time before: one that tells none now is starting. */
const supported = new WeakSet<MongoClient>();

/**
 * @throws {PermanentError} if the server is neither mongos nor a member of a replica set.
 * @throws {TransientError} if the member is not yet, or for a while not, one that can be read.
 */
export async function greet(client: MongoClient, signal?: AbortSignal): Promise<ServerGreeting> {
  const hello = await client.db("admin").command({ hello: 1 }, {
    ...signalOption(signal),
    readPreference: client.readPreference,
  });
  const isMongos = hello["msg"] === "isdbgrid";
  const setName: unknown = hello["setName"];
  if (!isMongos && typeof setName !== "string") {
    if (supported.has(client)) throw new TransientError(STARTING);
    throw new PermanentError(`Cannot read from MongoDB: ${STANDALONE}`);
  }
  // A router's own operation time may be old or missing; gossip tells the cluster's.
  const time: unknown = isMongos
    ? hello["$clusterTime"]?.clusterTime ?? hello["operationTime"]
    : hello["operationTime"];
  if (!(time instanceof Timestamp)) {
    // A member that starts, or recovers, knows its set and no time yet; as a secondary it may know none either.
    const isAtWork = hello["isWritablePrimary"] === true || hello["secondary"] === true;
    if (typeof setName === "string" && (!isAtWork || supported.has(client))) {
      throw new TransientError(STARTING);
    }
    throw new PermanentError(
      "Cannot read from MongoDB: the server tells no operation time; it is not one that " +
        "tributary supports (MongoDB 5.0 or later as replica set or sharded cluster)",
    );
  }
  supported.add(client);
  return {
    isMongos,
    setName: typeof setName === "string" ? setName : undefined,
    isSecondary: hello["secondary"] === true,
    me: typeof hello["me"] === "string" ? hello["me"] : undefined,
    wallMs: hello["localTime"] instanceof Date ? hello["localTime"].getTime() : undefined,
    operationTime: { t: time.t, i: time.i },
  };
}

/** Asks who and where the server is. What the user may not read is left out. */
export async function describeServer(
  client: MongoClient,
  signal?: AbortSignal,
): Promise<SourceDescription> {
  refuseLookalike(client);
  const greeting = await greet(client, signal);
  const [version, identity, oldest] = await Promise.all([
    serverVersion(client, signal),
    identify(client, greeting, signal),
    greeting.isMongos ? undefined : ifPermitted(oldestOplogEntry(client, signal)),
  ]);
  return {
    identity,
    operationTime: greeting.operationTime,
    ...(oldest === undefined ? {} : { oldestOplogTime: oldest.time }),
    ...(oldest?.isFirstEver ? { isOplogWhole: true } : {}),
    version,
  };
}

/** Services that speak MongoDB's protocol, by the host names that they give out. */
const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/\.docdb(-elastic)?\.amazonaws\.com(\.cn)?$/i, "Amazon DocumentDB"],
  [/\.cosmos\.azure\.com$/i, "Azure Cosmos DB"],
];

/**
 * Refuses services whose resume tokens do not sort in the order of the stream, on which everything here rests.
 *
 * @throws {PermanentError}
 */
function refuseLookalike(client: MongoClient): void {
  for (const { host } of client.options.hosts ?? []) {
    const lookalike = LOOKALIKES.find(([pattern]) => pattern.test(host ?? ""));
    if (lookalike === undefined) continue;
    throw new PermanentError(
      `Cannot read from ${host}: ${lookalike[1]} is not supported, because its resume tokens do ` +
        "not sort; tributary reads from MongoDB 5.0 to 8",
    );
  }
}

export async function serverVersion(client: MongoClient, signal?: AbortSignal): Promise<string> {
  const info = await client.db("admin").command({ buildInfo: 1 }, signalOption(signal));
  return String(info["version"]);
}

export interface OplogEntry {
  readonly time: ClusterTime;
  /** The first entry a replica set ever wrote: there is nothing before it that could be missing. */
  readonly isFirstEver: boolean;
}

/** The oldest entry of the member's oplog. Fails with code 13 where the user may not read it. */
export function oldestOplogEntry(
  client: MongoClient,
  signal?: AbortSignal,
): Promise<OplogEntry | undefined> {
  return oplogEntry(client, 1, signal);
}

/** The newest entry of the member's oplog. */
export function newestOplogEntry(
  client: MongoClient,
  signal?: AbortSignal,
): Promise<OplogEntry | undefined> {
  return oplogEntry(client, -1, signal);
}

/** Whether the member's oplog has an entry at most so many seconds before or after a time; it seeks, and reads one. */
export async function hasOplogEntryNear(
  client: MongoClient,
  { t }: ClusterTime,
  seconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const ts = {
    $gte: new Timestamp({ t: Math.max(0, t - seconds), i: 0 }),
    $lte: new Timestamp({ t: t + seconds, i: 0xffffffff }),
  };
  const find = { find: "oplog.rs", filter: { ts }, projection: { ts: 1 } };
  return await firstOplogEntry(client, find, signal) !== undefined;
}

/** Unauthorized; Atlas answers some commands with its own code. */
const NOT_PERMITTED: readonly number[] = [13, 8000];

/** Whether the server says, also as the cause of one of our errors, that the user may not do this. */
export function isNotPermitted(error: unknown): boolean {
  const code = serverErrorCode(error) ?? serverErrorCode(Object(error).cause);
  return code !== undefined && NOT_PERMITTED.includes(code);
}

/** The promise's value, or undefined if the server says that the user may not ask for it. */
export async function ifPermitted<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isNotPermitted(error)) return undefined;
    throw error;
  }
}

async function oplogEntry(
  client: MongoClient,
  direction: 1 | -1,
  signal: AbortSignal | undefined,
): Promise<OplogEntry | undefined> {
  const sort = { $natural: direction };
  const find = { find: "oplog.rs", sort, projection: { ts: 1, op: 1, "o.msg": 1 } };
  const entry = await firstOplogEntry(client, find, signal);
  const time: unknown = entry?.["ts"];
  if (!(time instanceof Timestamp)) return undefined;
  const isFirstEver = entry?.["op"] === "n" && entry["o"]?.msg === "initiating set";
  return { time: { t: time.t, i: time.i }, isFirstEver };
}

async function firstOplogEntry(
  client: MongoClient,
  find: Document,
  signal: AbortSignal | undefined,
): Promise<Document | undefined> {
  const reply = await client.db("local").command({ ...find, limit: 1, singleBatch: true }, {
    ...signalOption(signal),
    readPreference: client.readPreference,
  });
  return reply["cursor"]?.firstBatch?.[0];
}

async function identify(
  client: MongoClient,
  greeting: ServerGreeting,
  signal: AbortSignal | undefined,
): Promise<SourceIdentity> {
  if (greeting.isMongos) {
    const clusterId = await ifPermitted(readClusterId(client, signal));
    return clusterId === undefined ? {} : { clusterId };
  }
  const replicaSetId = await ifPermitted(readReplicaSetId(client, signal));
  return {
    ...(replicaSetId === undefined ? {} : { replicaSetId }),
    ...(greeting.setName === undefined ? {} : { setName: greeting.setName }),
  };
}

async function readReplicaSetId(
  client: MongoClient,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const reply = await client.db("admin").command({ replSetGetConfig: 1 }, signalOption(signal));
  return hexId(reply["config"]?.settings?.replicaSetId);
}

async function readClusterId(
  client: MongoClient,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const find = { find: "version", limit: 1, singleBatch: true };
  const reply = await client.db("config").command(find, signalOption(signal));
  return hexId(reply["cursor"]?.firstBatch?.[0]?.clusterId);
}

function hexId(id: unknown): string | undefined {
  return id instanceof ObjectId ? id.toHexString() : undefined;
}

/** An option that is present and undefined would count as given. */
export function signalOption(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
