import type { MongoClient, ReadPreferenceMode } from "mongodb";
import type { Position } from "../../model/position.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import type { NamespaceSource } from "../../pipeline/namespaces.ts";
import type { EventCursor, Source } from "../../pipeline/ports.ts";
import type { DocumentSource, FilterCheck } from "../../pipeline/documents.ts";
import type { Clock } from "../../support/clock.ts";
import { shareAbortable } from "../../support/flow/share_abortable.ts";
import { DeadBuffers } from "../../support/bytes/dead_buffers.ts";
import type { Random } from "../../support/random.ts";
import { type ChangeStreamRequest, groupStream } from "../change_stream_request.ts";
import type { GroupSource } from "../shared/group_source.ts";
import { admit } from "./admit.ts";
import { createMongoDocuments } from "./documents/mongo_documents.ts";
import { checkToken } from "./check_token.ts";
import { classifyError } from "./classify_error.ts";
import { oldestPosition } from "./history.ts";
import { IdleWait } from "./idle_wait.ts";
import { listDatabases, listNamespaces, type NamedCollection } from "./list_namespaces.ts";
import { createMongoClient } from "./client/mongo_client.ts";
import { openAsSet } from "../namespace_cursor.ts";
import { openNamespaceNews } from "./namespace_news.ts";
import { openStream } from "./open_stream.ts";
import { preflight, type PreflightFacts, type PreflightRequest } from "./preflight.ts";
import { isClosed, renewLogin } from "./client/renew_login.ts";
import { describeServer, ifPermitted, isNotPermitted } from "./server_facts.ts";
import { ServerPin } from "./client/server_pin.ts";
import { type Reach, ServerReach } from "./server_reach.ts";
import { listWithoutStream, type WithoutStream } from "./without_stream.ts";

export interface MongoSourceOptions {
  readonly uri: string;
  /** How long the server waits for an event before it sends an empty reply. Default 1000. */
  readonly awaitMs?: number;
  /** The same for an idle stream, at most, where the oplog reaches back far enough. Default: eight times `awaitMs`. */
  readonly idleAwaitMsMax?: number;
  /** Which members documents are read from. Default: the primary. */
  readonly documentsFrom?: ReadPreferenceMode;
  readonly clock: Clock;
  readonly random: Random;
}

/** Change streams from a MongoDB replica set or sharded cluster. */
export interface MongoSource extends GroupSource {
  /**
   * The oldest entry of the oplog, for `START_FROM=earliest`. Where opening there fails with `HistoryLostError`, the
   * entry was removed meanwhile: ask again.
   */
  oldestPosition(signal: AbortSignal): Promise<Position>;
  /** For who asks again and again: whether the server answers, and how far it is. */
  reach(signal: AbortSignal): Promise<Reach>;
  /** What `tributary check` wants to know. */
  preflight(request: PreflightRequest, signal: AbortSignal): Promise<PreflightFacts>;
  /** The collections that a filter wants, of one database or of all that the user may list, by name. */
  listNamespaces(
    filter: NamespaceFilter,
    database: string | undefined,
    signal: AbortSignal,
  ): Promise<NamedCollection[]>;
  /**
   * The views and time series that a filter wants, of these databases or of all that the user may list: they have no change
   * events. Empty where the user may not list them.
   */
  listWithoutStream(
    filter: NamespaceFilter,
    databases: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<readonly WithoutStream[]>;
  /** Which collections there are, and where they begin and end. */
  readonly namespaces: NamespaceSource;
  /** The documents that are there. */
  readonly documents: DocumentSource & FilterCheck;
  /** Ends all connections. Cursors should have been closed before. */
  close(): Promise<void>;
}

const AWAIT_MS = 1_000;

/** Longer than the driver waits for a server and for a connection; where one was lost and nobody was told, it would wait on. */
const DESCRIBE_MS_MAX = 60_000;

/** Each reply leaves twice its size behind: what came from the socket, and the message it was put together to. */
const REPLY_BYTES_UNCOLLECTED_MAX = 8 * 1024 * 1024;

/**
 * Opening a stream and its journal leaves as many small objects behind as so many bytes of replies: 200 streams, opened at
 * once, would hold twice the memory that they need.
 */
const OPENING_BYTES = 16 * 1024 * 1024;

/**
 * Connects with the first call, not here.
 *
 * @throws {PermanentError} if the URI is wrong.
 */
export function createMongoSource(options: MongoSourceOptions): MongoSource {
  const client = createMongoClient(options);
  const pin = new ServerPin(client, options, options.random);
  const { clock, awaitMs = AWAIT_MS, idleAwaitMsMax: wantedMsMax = 0 } = options;
  const { socketTimeoutMS: socketTimeoutMs = 0 } = client.options;
  const idleWait = new IdleWait({ awaitMs, wantedMsMax, socketTimeoutMs });
  const deadBuffers = new DeadBuffers(REPLY_BYTES_UNCOLLECTED_MAX);
  const openOptions = {
    clock,
    awaitMs,
    idleAwaitMsMax: () => idleWait.msMax,
    replied: (bytes: number) => deadBuffers.note(bytes),
  };
  const documents = documentsOf(client, options);
  const open: OpenChangeStream = async (request, signal) => {
    const pinned = await withClassifiedErrors(client, "find a MongoDB server", signal, () => {
      return pin.clientForCursor(signal);
    });
    deadBuffers.note(OPENING_BYTES);
    return await openStream(pinned, request, openOptions, signal);
  };
  // Streams that begin or go on together ask several times each.
  const describe = shareAbortable(clock, DESCRIBE_MS_MAX, async (signal) => {
    const description = await describeServer(client, signal);
    idleWait.note(description);
    return description;
  });
  const source: GroupSource = {
    describe: (signal) => {
      return withClassifiedErrors(client, "ask MongoDB who it is", signal, () => describe(signal));
    },
    open: (request, signal) => openAsSet(open, request, signal),
    idle: { awaitMs, awaitMsMax: () => idleWait.msMax },
    ...groupsOf(client, open),
  };
  return {
    ...source,
    checkToken: (stream, data, signal) => {
      return withClassifiedErrors(client, "look at the resume token", signal, () => {
        return checkToken(client, stream, data, signal);
      });
    },
    reach: reachOf(client, clock, idleWait),
    oldestPosition: (signal) => {
      return withClassifiedErrors(client, "find the oldest entry of the oplog", signal, () => {
        return oldestPosition(client, signal);
      });
    },
    preflight: (request, signal) => {
      return withClassifiedErrors(client, "check MongoDB", signal, () => {
        return preflight(client, source, request, clock, signal);
      });
    },
    listNamespaces: (filter, database, signal) => {
      return withClassifiedErrors(client, "list the collections", signal, () => {
        return listNamespaces(client, filter, database, signal);
      });
    },
    listWithoutStream: (filter, databases, signal) => {
      return withClassifiedErrors(client, "list the views", signal, async () => {
        return await ifPermitted(findViews(client, filter, databases, signal)) ?? [];
      });
    },
    ...{ namespaces: namespacesOf(client, pin, source), documents: documents.source },
    close: async () => {
      for (const each of [documents, pin, client]) await each.close();
    },
  };
}

async function findViews(
  client: MongoClient,
  filter: NamespaceFilter,
  databases: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly WithoutStream[]> {
  const names = databases ?? await listDatabases(client, signal);
  return await listWithoutStream(client, filter, names, signal);
}

/** Documents are read by clients of their own where they are read from other members than change streams are. */
function documentsOf(client: MongoClient, options: MongoSourceOptions) {
  const { documentsFrom = "primary", random, uri } = options;
  if (documentsFrom === "primary") {
    return { source: createMongoDocuments(client), close: () => Promise.resolve() };
  }
  const readers = { uri, readPreference: documentsFrom };
  const reader = createMongoClient(readers);
  const pin = new ServerPin(reader, readers, random);
  const clientForCursor = (signal: AbortSignal) => {
    return withClassifiedErrors(
      reader,
      "find a MongoDB server to read documents from",
      signal,
      () => {
        return pin.clientForCursor(signal);
      },
    );
  };
  return {
    source: createMongoDocuments(client, clientForCursor),
    close: async () => {
      await pin.close();
      await reader.close();
    },
  };
}

type OpenChangeStream = (
  request: ChangeStreamRequest,
  signal: AbortSignal,
) => Promise<EventCursor>;

/** What reading many collections by one change stream needs. */
function groupsOf(
  client: MongoClient,
  open: OpenChangeStream,
): Pick<GroupSource, "admit" | "openGroup"> {
  return {
    admit: (requests, signal) => {
      return withClassifiedErrors(client, "open change streams", signal, () => {
        return admit(client, requests, signal);
      });
    },
    openGroup: (request, signal) => {
      return open(groupStream(request), signal).catch((error: unknown) => {
        if (isNotPermitted(error)) return undefined;
        throw error;
      });
    },
  };
}

function reachOf(client: MongoClient, clock: Clock, idleWait: IdleWait): MongoSource["reach"] {
  const asked = new ServerReach(client, clock);
  return async (signal) => {
    const reach = await withClassifiedErrors(client, "ask MongoDB who it is", signal, () => {
      return asked.ask(signal);
    });
    idleWait.note(reach);
    return reach;
  };
}

function namespacesOf(client: MongoClient, pin: ServerPin, source: Source): NamespaceSource {
  return {
    times: async (signal) => {
      const { operationTime: last, oldestOplogTime: oldest } = await source.describe(signal);
      return oldest === undefined ? { last } : { last, oldest };
    },
    list: (filter, atLeast, signal) => {
      return withClassifiedErrors(client, "list the collections", signal, () => {
        return listNamespaces(client, filter, undefined, signal, atLeast);
      });
    },
    openNews: (request, signal) => {
      return withClassifiedErrors(client, "read where collections begin and end", signal, () => {
        return openNamespaceNews((each) => pin.clientForCursor(each), request, signal);
      });
    },
  };
}

async function withClassifiedErrors<T>(
  client: MongoClient,
  action: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  // The driver notices an abort, but not a signal that was aborted before.
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const reason = await renewLogin(client, error);
    if (reason !== error || !isClosed(error)) throw classifyError(reason, action);
  }
  // The new login that ended this call was another's, and it went well.
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw classifyError(error, action);
  }
}
