import type { MongoClient } from "mongodb";
import { compareClusterTimes, formatClusterTime } from "../model/cluster_time.ts";
import { errorMessage, HistoryLostError, PermanentError, TransientError } from "../model/errors.ts";
import { type Position, positionAt } from "../model/position.ts";
import { classifyError, serverErrorCode } from "./classify_error.ts";
import {
  greet,
  ifPermitted,
  oldestOplogEntry,
  type OplogEntry,
  type ServerGreeting,
} from "./server_facts.ts";

const CHANGE_STREAM_FATAL = 280;
const INVALID_RESUME_TOKEN = 260;

const WHAT_TO_DO = "set ON_HISTORY_LOST=restart to go on from the oldest entry there is (the gap " +
  "is recorded), and give the oplog more size or retention";

/**
 * How far a position may be ahead of the server's last operation. High-water marks of idle streams are one increment
 * ahead, and no-op entries, ten seconds apart by default, carry the server past them.
 */
const AHEAD_SECONDS_MAX = 10;

/**
 * Refuses a position that lies outside what the server has.
 *
 * A change stream opened in the future waits in silence, so a server that was restored from a backup would look idle
 * until it had caught up, and all it wrote in between would be missing from the lake.
 *
 * @throws {HistoryLostError} if the position is well after the server's last operation, or before its oldest.
 */
export async function checkHistory(
  client: MongoClient,
  greeting: ServerGreeting,
  from: Position,
  signal: AbortSignal,
): Promise<void> {
  const at = formatClusterTime(from.operationTime);
  const { t, i } = greeting.operationTime;
  if (compareClusterTimes(from.operationTime, { t: t + AHEAD_SECONDS_MAX, i }) > 0) {
    const last = formatClusterTime(greeting.operationTime);
    if (greeting.isSecondary) {
      throw new TransientError(
        `Cannot go on from ${at}: the secondary that was chosen is behind, at ${last}`,
      );
    }
    throw new HistoryLostError(
      `Cannot go on from ${at}: the server's last operation is older (${last}), so it was ` +
        `restored from a backup or is another server; ${WHAT_TO_DO}`,
    );
  }
  if (greeting.isMongos) return;
  const oldest = await ifPermitted(oldestOplogEntry(client, signal));
  if (oldest !== undefined && isBefore(from, oldest)) throw tooOld(from, oldest);
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
  const classified = classifyError(error, action);
  // What is an error of ours already has been judged.
  if (classified === error || !(classified instanceof HistoryLostError)) return classified;
  const code = serverErrorCode(error);
  // The server uses this code also for stages that change an event's _id.
  if (code === CHANGE_STREAM_FATAL && /modified by the pipeline/.test(errorMessage(error))) {
    return new PermanentError(classified.message, { cause: error });
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
  const reaches = `the oplog begins at ${formatClusterTime(oldest.time)}, which is early enough`;
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
  const at = formatClusterTime(position.operationTime);
  return new HistoryLostError(
    `Cannot go on from ${at}: the oldest entry of the oplog is newer ` +
      `(${formatClusterTime(oldest.time)}); ${WHAT_TO_DO}`,
    { cause },
  );
}

function lost(classified: Error, why: string): HistoryLostError {
  return new HistoryLostError(`${classified.message}; ${why}; ${WHAT_TO_DO}`, {
    cause: classified.cause,
  });
}
