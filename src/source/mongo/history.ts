import type { MongoClient } from "mongodb";
import { compareClusterTimes, describeClusterTime } from "../../model/cluster_time.ts";
import {
  errorMessage,
  HistoryLostError,
  PermanentError,
  TransientError,
} from "../../model/errors.ts";
import { type Position, positionAt } from "../../model/position.ts";
import { classifyError, serverErrorCode } from "./classify_error.ts";
import { renewLogin } from "./client/renew_login.ts";
import {
  greet,
  hasOplogEntryNear,
  ifPermitted,
  oldestOplogEntry,
  type OplogEntry,
  type ServerGreeting,
} from "./server_facts.ts";

const CHANGE_STREAM_FATAL = 280;
const INVALID_RESUME_TOKEN = 260;

const WHAT_TO_DO = "go on from the oldest entry there is by `tributary position set STREAM " +
  "earliest --force` or by ON_HISTORY_LOST=restart (the gap is recorded), and give the oplog more " +
  "size or retention";

const RESTORED = "so it was restored from a backup or is another server; accept that with " +
  "`tributary position adopt`, or use another prefix";

/**
 * How far a position may be away from the operations that the server knows. High-water marks of idle streams are one
 * increment ahead of an entry, and a server that does nothing writes a no-op entry each ten seconds by default.
 */
const DISTANCE_SECONDS_MAX = 10;

/**
 * Refuses a position that lies outside what the server has.
 *
 * A change stream opened in the future waits in silence, so a server that was restored from a backup would look idle
 * until it had caught up, and all it wrote in between would be missing from the lake.
 *
 * @throws {HistoryLostError} if the position is well after the server's last operation, before its oldest, or where
 * the oplog has none.
 */
export async function checkHistory(
  client: MongoClient,
  greeting: ServerGreeting,
  from: Position,
  signal: AbortSignal,
): Promise<void> {
  const at = describeClusterTime(from.operationTime);
  const { t, i } = greeting.operationTime;
  if (compareClusterTimes(from.operationTime, { t: t + DISTANCE_SECONDS_MAX, i }) > 0) {
    const last = describeClusterTime(greeting.operationTime);
    if (greeting.isSecondary) {
      throw new TransientError(
        `Cannot go on from ${at}: the secondary that was chosen is behind, at ${last}`,
      );
    }
    throw new HistoryLostError(
      `Cannot go on from ${at}: the server's last operation is older, of ${last}, ${RESTORED}`,
    );
  }
  if (greeting.isMongos) return;
  const oldest = await ifPermitted(oldestOplogEntry(client, signal));
  if (oldest === undefined) return;
  if (isBefore(from, oldest)) throw tooOld(from, oldest);
  if (isFromServer(from) && compareClusterTimes(from.operationTime, oldest.time) >= 0) {
    await refuseOtherPast(client, from, signal);
  }
}

/** Times that a person names may lie where the server did nothing; tokens, and the server's own times, do not. */
function isFromServer(position: Position): boolean {
  return position.data !== "";
}

/**
 * A restored server soon has operations later than any position from before. But between the backup's last operation
 * and the first one after the restore there are none, and there the position stands.
 */
async function refuseOtherPast(
  client: MongoClient,
  { operationTime }: Position,
  signal: AbortSignal,
): Promise<void> {
  const near = hasOplogEntryNear(client, operationTime, DISTANCE_SECONDS_MAX, signal);
  if (await ifPermitted(near) !== false) return;
  const at = describeClusterTime(operationTime);
  throw new HistoryLostError(
    `Cannot go on from ${at}: MongoDB has no operation of that time, only before and after, ` +
      RESTORED,
  );
}

/**
 * Decides what an error met while reading on from `position` means, with the oplog as the witness where codes may say
 * lost history (280, 286, 260) and do not have to.
 *
 * Where the oplog may not be read, or there is none to read (mongos), the server's word counts.
 */
export async function judgeError(
  client: MongoClient,
  error: unknown,
  position: Position,
  action: string,
): Promise<Error> {
  const classified = classifyError(await renewLogin(client, error), action);
  // What is an error of ours already has been judged.
  if (classified === error || !(classified instanceof HistoryLostError)) return classified;
  const code = serverErrorCode(error);
  // The server uses this code also for stages that change an event's _id.
  if (code === CHANGE_STREAM_FATAL && /modified by the pipeline/.test(errorMessage(error))) {
    return new PermanentError(classified.message, { cause: error, mend: "configuration" });
  }
  let oldest: OplogEntry | undefined;
  try {
    const greeting = await greet(client);
    if (!greeting.isMongos) oldest = await ifPermitted(oldestOplogEntry(client));
  } catch (failure) {
    return classifyError(failure, action);
  }
  if (oldest === undefined) return lost(classified, "the oplog itself could not be looked at");
  if (isBefore(position, oldest)) return tooOld(position, oldest, error);
  const reaches = `the oplog begins at ${describeClusterTime(oldest.time)}, which is early enough`;
  if (code === CHANGE_STREAM_FATAL) {
    return lost(classified, `${reaches}, but is not the one that the position was read from`);
  }
  if (code === INVALID_RESUME_TOKEN) {
    return new PermanentError(`${classified.message}; ${reaches}`, { cause: error });
  }
  return new TransientError(`${classified.message}; ${reaches}`, { cause: error });
}

/**
 * The start of what the oplog still has. It may be gone by the time a stream is opened there: ask again then.
 *
 * @throws {PermanentError} where the oplog cannot be read.
 */
export async function oldestPosition(client: MongoClient, signal: AbortSignal): Promise<Position> {
  const greeting = await greet(client, signal);
  const oldest = greeting.isMongos
    ? undefined
    : await ifPermitted(oldestOplogEntry(client, signal));
  if (oldest !== undefined) return positionAt(oldest.time);
  const why = greeting.isMongos
    ? "mongos does not show the oplogs of its shards"
    : "the MongoDB user may not read local.oplog.rs (role `read` on the database local)";
  throw new PermanentError(
    `Cannot find the earliest position: ${why}; give START_FROM a time instead`,
  );
}

/** A replica set's first entry has nothing before it; the server accepts earlier positions then, and so do we. */
function isBefore(position: Position, oldest: OplogEntry): boolean {
  return !oldest.isFirstEver && compareClusterTimes(position.operationTime, oldest.time) < 0;
}

function tooOld(position: Position, oldest: OplogEntry, cause?: unknown): HistoryLostError {
  const at = describeClusterTime(position.operationTime);
  return new HistoryLostError(
    `Cannot go on from ${at}: the oldest entry of the oplog is newer, of ` +
      `${describeClusterTime(oldest.time)}; ${WHAT_TO_DO}`,
    { cause },
  );
}

function lost(classified: Error, why: string): HistoryLostError {
  return new HistoryLostError(`${classified.message}; ${why}; ${WHAT_TO_DO}`, {
    cause: classified.cause,
  });
}
