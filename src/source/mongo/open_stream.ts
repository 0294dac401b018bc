import type { ClientSession, Db, MongoClient } from "mongodb";
import { streamName } from "../../model/stream.ts";
import type { EventCursor } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import type { ChangeStreamRequest } from "../change_stream_request.ts";
import { changeStreamPipeline } from "../change_stream_pipeline.ts";
import { serverErrorCode } from "./classify_error.ts";
import { type CursorReply, readCursorReply } from "../cursor_reply.ts";
import { checkHistory, judgeError } from "./history.ts";
import { MongoCursor } from "./mongo_cursor.ts";
import { redactedCursor } from "../redacted_cursor.ts";
import { refuseRepeatingName } from "./repeating_name.ts";
import { greet, serverVersion } from "./server_facts.ts";

const UNRECOGNIZED_STAGE = 40324;

const BOUNDED_AWAIT_MS = 50;

/** How long the server waits where the last event that is wanted has long been there. */
const WITHOUT_PATIENCE = { awaitMs: BOUNDED_AWAIT_MS, idleAwaitMsMax: () => BOUNDED_AWAIT_MS };

export interface OpenStreamOptions {
  readonly clock: Clock;
  /** How long the server waits for an event before it sends an empty reply. */
  readonly awaitMs: number;
  /** The same for an idle stream, at most; may change while the stream is open. */
  readonly idleAwaitMsMax: () => number;
  /** Told how large each reply was. */
  readonly replied: (bytes: number) => void;
}

/**
 * Opens a change stream on the one server that `client` talks to.
 *
 * The first command asks for no events: it answers at once, however far the server must read to the first event, and
 * `next` gets them all. That the oplog no longer reaches back shows there at the latest.
 */
export async function openStream(
  client: MongoClient,
  request: ChangeStreamRequest,
  options: OpenStreamOptions,
  signal: AbortSignal,
): Promise<EventCursor> {
  signal.throwIfAborted();
  const { stream, from } = request;
  const refusal = refuseRepeatingName(stream);
  if (refusal !== undefined) throw refusal;
  const action = `open the change stream ${streamName(stream)}`;
  const session = client.startSession({ causalConsistency: false });
  try {
    const [version] = await Promise.all([
      serverVersion(client, signal),
      greet(client, signal).then((greeting) => checkHistory(client, greeting, from, signal)),
    ]);
    const db = client.db(stream.level === "deployment" ? "admin" : stream.database);
    const splits = canSplitLargeEvents(version);
    const opened = await aggregate({ db, session, request, signal }, splits);
    const cursor = new MongoCursor({
      db,
      session,
      id: opened.cursor.id,
      collection: opened.cursor.namespace.slice(opened.cursor.namespace.indexOf(".") + 1),
      from,
      mergeFragments: opened.splits,
      ...options,
      // Of what has an end nobody waits for more to happen.
      ...(request.through === undefined ? {} : WITHOUT_PATIENCE),
      judge: (error, position) => {
        return judgeError(client, error, position, `read the change stream ${streamName(stream)}`);
      },
    });
    return redactedCursor(cursor, request.settings);
  } catch (error) {
    await session.endSession();
    signal.throwIfAborted();
    throw await judgeError(client, error, from, action);
  }
}

/** The stage came with 7.0 and was given to 6.0 with its ninth release. */
export function canSplitLargeEvents(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return major >= 7 || (major === 6 && minor === 0 && patch >= 9);
}

interface AggregateArguments {
  readonly db: Db;
  readonly session: ClientSession;
  readonly request: ChangeStreamRequest;
  readonly signal: AbortSignal;
}

/** A version says only what may be: a server that looks like MongoDB, or an older feature level, may not know the stage. */
async function aggregate(
  args: AggregateArguments,
  splits: boolean,
): Promise<{ readonly cursor: CursorReply; readonly splits: boolean }> {
  const { db, session, request, signal } = args;
  const { stream } = request;
  try {
    const reply = await db.command({
      aggregate: stream.level === "collection" ? stream.collection : 1,
      pipeline: changeStreamPipeline(request, splits),
      cursor: { batchSize: 0 },
      readConcern: { level: "majority" },
    }, { session, raw: true, signal, readPreference: db.client.readPreference });
    return { cursor: readCursorReply(reply["cursor"]), splits };
  } catch (error) {
    if (!splits || serverErrorCode(error) !== UNRECOGNIZED_STAGE) throw error;
    return aggregate(args, false);
  }
}
