import { type ClientSession, type Db, type Document, type MongoClient, Timestamp } from "mongodb";
import {
  type ClusterTime,
  clusterTimeOfToken,
  compareClusterTimes,
} from "../../model/cluster_time.ts";
import { HistoryLostError, TransientError } from "../../model/errors.ts";
import { positionAt } from "../../model/position.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import type {
  NamespaceChange,
  NamespaceNews,
  NewsReply,
  NewsRequest,
} from "../../pipeline/namespaces.ts";
import { serverErrorCode } from "./classify_error.ts";
import { checkHistory, judgeError } from "./history.ts";
import { greet, ifPermitted } from "./server_facts.ts";

/** How long the server waits for news before it sends an empty reply. */
const AWAIT_MS = 1_000;

/** So long after it had none again and again: an answer costs both sides something. Several readings wait for each other. */
const IDLE_AWAIT_MS_MAX = 8_000;

/** Of the time after which the driver takes a silent connection for a dead one. */
const SOCKET_TIMEOUT_SHARE = 0.5;

/** Inserts into collections that have become known since the opening; then it is opened again, without those. */
const KNOWN_INSERTS_MAX = 5_000;

/** The server does not know the option `showExpandedEvents`: it is older than 6.0, or held at that level. */
const UNKNOWN_OPTION = [40415, 9, 72, 115];

/**
 * Opens the news of where collections begin and end: one reading for each database that the patterns name, or one for the
 * deployment where a pattern may fit any. Undefined where the user may not read one of them.
 *
 * The server sends no other events, which costs it for each entry of the oplog about what the change stream of one
 * collection does (6.0.5: 8 to 11 us, that of a collection 7 to 8). With patterns in the filter it would be several times
 * that, and so few events are compared here.
 */
export async function openNamespaceNews(
  clientForCursor: (signal: AbortSignal) => Promise<MongoClient>,
  request: NewsRequest,
  signal: AbortSignal,
): Promise<NamespaceNews | undefined> {
  const databases = databasesOf(request.filter) ?? [undefined];
  const awaitMsMax = databases.length === 1 ? IDLE_AWAIT_MS_MAX : AWAIT_MS;
  const parts = databases.map(async (database) => {
    const client = await clientForCursor(signal);
    const reading = new DatabaseNews(client, database, request, awaitMsMax);
    return await ifPermitted(reading.open(signal).then(() => reading));
  });
  const opened = await Promise.allSettled(parts);
  const readings = opened.map((each) => each.status === "fulfilled" ? each.value : undefined)
    .filter((each) => each !== undefined);
  if (readings.length === opened.length) return joined(readings);
  await Promise.all(readings.map((each) => each.close()));
  const failure = opened.find((each) => each.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return undefined;
}

/** The databases that patterns of the form `db.coll` name; undefined where one may fit several. */
function databasesOf({ include }: NamespaceFilter): string[] | undefined {
  const names = include.map((pattern) => pattern.slice(0, pattern.indexOf(".")));
  const isOpen = names.length === 0 || names.some((name) => name === "" || name.includes("*"));
  return isOpen ? undefined : [...new Set(names)];
}

function joined(readings: readonly DatabaseNews[]): NamespaceNews {
  return {
    async next() {
      const replies = await Promise.all(readings.map((each) => each.next()));
      const reached = replies.map((each) => each.reached)
        .reduce((a, b) => compareClusterTimes(a, b) <= 0 ? a : b);
      return { news: replies.flatMap(({ news }) => news), reached };
    },
    async close() {
      await Promise.all(readings.map((each) => each.close()));
    },
  };
}

/** The news of one database, or of all. */
class DatabaseNews implements NamespaceNews {
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #isDeployment: boolean;
  readonly #request: NewsRequest;
  readonly #session: ClientSession;
  readonly #abort = new AbortController();
  #reached: ClusterTime;
  /** An invalidate's own token, where the next reading must start after one. */
  #after: Document | undefined;
  #cursor: { readonly id: bigint; readonly collection: string } | undefined;
  #isExpanded = true;
  #knownInserts = 0;
  readonly #awaitMsMax: number;
  #awaitMs = AWAIT_MS;

  constructor(
    client: MongoClient,
    database: string | undefined,
    request: NewsRequest,
    awaitMsMax: number,
  ) {
    this.#client = client;
    const { socketTimeoutMS = 0 } = client.options ?? {};
    const limitMs = socketTimeoutMS === 0 ? Infinity : socketTimeoutMS * SOCKET_TIMEOUT_SHARE;
    this.#awaitMsMax = Math.max(AWAIT_MS, Math.min(awaitMsMax, Math.floor(limitMs)));
    this.#db = client.db(database ?? "admin");
    this.#isDeployment = database === undefined;
    this.#request = request;
    this.#reached = request.from;
    this.#session = client.startSession({ causalConsistency: false });
  }

  /** Errors are the server's own where it says that the user may not do this, else those of `model/errors.ts`. */
  async open(signal: AbortSignal): Promise<void> {
    try {
      const greeting = await greet(this.#client, signal);
      await checkHistory(this.#client, greeting, positionAt(this.#reached), signal);
      await this.#aggregate();
    } catch (error) {
      await this.#session.endSession();
      const code = serverErrorCode(error);
      if (code === 13 || code === 8000) throw error;
      throw await this.#judge(error);
    }
  }

  async next(): Promise<NewsReply> {
    try {
      if (this.#cursor === undefined) await this.#aggregate();
      return this.#read(await this.#getMore());
    } catch (error) {
      if (this.#abort.signal.aborted) throw closedError();
      throw await this.#judge(error);
    }
  }

  async close(): Promise<void> {
    const cursor = this.#cursor;
    const { signal } = this.#abort;
    if (cursor !== undefined && !signal.aborted) {
      const kill = { killCursors: cursor.collection, cursors: [cursor.id] };
      await this.#db.command(kill, { timeoutMS: AWAIT_MS }).catch(() => {}); // It ends by itself, later.
    }
    this.#abort.abort(closedError());
    await this.#session.endSession();
  }

  #judge(error: unknown): Promise<Error> {
    const action = "read where collections begin and end";
    return judgeError(this.#client, error, positionAt(this.#reached), action);
  }

  async #aggregate(): Promise<void> {
    const place = this.#after === undefined
      ? { startAtOperationTime: new Timestamp(this.#reached) }
      : { startAfter: this.#after };
    const options = {
      ...place,
      ...this.#isDeployment ? { allChangesForCluster: true } : {},
      ...this.#isExpanded ? { showExpandedEvents: true } : {},
    };
    const command = {
      aggregate: 1,
      pipeline: [{ $changeStream: options }, { $match: this.#match() }, { $project: PROJECTION }],
      cursor: { batchSize: 0 },
      readConcern: { level: "majority" },
    };
    try {
      const { cursor } = await this.#command(command);
      this.#knownInserts = 0;
      this.#cursor = {
        id: BigInt(cursor.id),
        collection: cursor.ns.slice(cursor.ns.indexOf(".") + 1),
      };
    } catch (error) {
      const code = serverErrorCode(error);
      if (!this.#isExpanded || code === undefined || !UNKNOWN_OPTION.includes(code)) throw error;
      this.#isExpanded = false;
      await this.#aggregate();
    }
  }

  #match(): Document {
    if (this.#isExpanded) return { operationType: { $in: ["create", "drop", "rename"] } };
    const known = this.#request.known()
      .filter(({ database }) => this.#isDeployment || database === this.#db.databaseName)
      .map(({ database, collection }) => ({ "ns.db": database, "ns.coll": collection }));
    const inserts = { operationType: "insert", ...known.length > 0 ? { $nor: known } : {} };
    return { $or: [{ operationType: { $in: ["drop", "rename"] } }, inserts] };
  }

  #getMore(): Promise<Document> {
    const { id, collection } = this.#cursor!;
    return this.#command({ getMore: id, collection, maxTimeMS: this.#awaitMs });
  }

  #command(command: Document): Promise<Document> {
    const readPreference = this.#client.readPreference;
    const { signal } = this.#abort;
    return this.#db.command(command, {
      ...{ session: this.#session, signal, readPreference },
      useBigInt64: true,
    });
  }

  #read({ cursor }: Document): NewsReply {
    const events: Document[] = cursor.nextBatch;
    const nextMs = events.length === 0 ? this.#awaitMs * 2 : AWAIT_MS;
    this.#awaitMs = Math.min(this.#awaitMsMax, nextMs);
    const token: Document = cursor.postBatchResumeToken;
    const reached = clusterTimeOfToken(String(token["_data"]));
    if (reached === undefined) throw new HistoryLostError("Cannot read a resume token");
    const hasEnded = BigInt(cursor.id) === 0n;
    this.#after = hasEnded ? token : undefined;
    this.#knownInserts += this.#isExpanded ? 0 : events.length;
    this.#reached = reached;
    const isStale = this.#knownInserts > KNOWN_INSERTS_MAX;
    if (isStale && !hasEnded) {
      void this.#db.command({
        killCursors: this.#cursor!.collection,
        cursors: [this.#cursor!.id],
      }).catch(() => {}); // It ends by itself, later.
    }
    if (hasEnded || isStale) this.#cursor = undefined;
    return { news: events.flatMap(changesOf), reached };
  }
}

const PROJECTION = {
  operationType: 1,
  ns: 1,
  to: 1,
  clusterTime: 1,
  "operationDescription.viewOn": 1,
};

/** What an event says of collections; nothing where it is about a view, or what the server keeps for itself. */
function changesOf(event: Document): NamespaceChange[] {
  const { t, i } = event["clusterTime"] as Timestamp;
  const of = (ns: Document, change: NamespaceChange["change"]): NamespaceChange => {
    return { database: ns["db"], collection: ns["coll"], time: { t, i }, change };
  };
  const isEnd = ["drop", "rename"].includes(event["operationType"]);
  const changes = [of(event["ns"], isEnd ? "ended" : "begun")];
  if (event["operationType"] === "rename") changes.push(of(event["to"], "begun"));
  if (event["operationDescription"]?.viewOn !== undefined) return [];
  return changes.filter(({ collection }) => !collection.startsWith("system."));
}

function closedError(): TransientError {
  return new TransientError("Cannot read on: the news was closed");
}
