import { type MongoClient, Timestamp } from "mongodb";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import { HistoryLostError, TransientError } from "../../../model/errors.ts";
import type { CollectionName } from "../../../model/snapshot.ts";
import { positionAfterTime } from "../../../model/position.ts";
import type { DocumentReply, DocumentRequest } from "../../../pipeline/documents.ts";
import { classifyError, serverErrorCode } from "../classify_error.ts";
import { ofPiece } from "./read_commands.ts";

/** NamespaceNotFound; CollectionUUIDMismatch: the name is another collection's, or nobody's. */
const GONE = [26, 361];

const SNAPSHOT_UNAVAILABLE = 246;

/** InvalidOptions, SnapshotTooOld. */
const UNREADABLE_TIME = [72, 239, SNAPSHOT_UNAVAILABLE];

/** What a failure of the first command says of the collection; after it, nothing but a new opening tells. */
export async function goneReply(
  client: MongoClient,
  { piece }: DocumentRequest,
  error: unknown,
  signal: AbortSignal,
): Promise<DocumentReply | undefined> {
  // Where the name is a capped collection's now, the server looks at that before it looks whose the name is.
  const isUnavailable = serverErrorCode(error) === SNAPSHOT_UNAVAILABLE && !piece.isCapped;
  const told = isUnavailable ? await failureToFind(client, piece, signal) : error;
  if (!GONE.includes(serverErrorCode(told) ?? 0)) return undefined;
  const time = operationTimeOf(told);
  const none = { bytes: new Uint8Array(), starts: new Uint32Array(), waitMs: 0 };
  const ended = { highWater: positionAfterTime(time), invalidated: true };
  return { ...none, ...ended, at: time, state: "gone" };
}

/** Why the collection cannot be found at present; undefined where it can. */
async function failureToFind(
  client: MongoClient,
  piece: DocumentRequest["piece"],
  signal: AbortSignal,
): Promise<unknown> {
  const { readPreference } = client;
  const command = { find: piece.collection, limit: 1, singleBatch: true, ...ofPiece(piece) };
  return await client.db(piece.database).command(command, { signal, readPreference })
    .then(() => undefined, (error: unknown) => error);
}

/** How far a server had come that refused. */
function operationTimeOf(error: unknown): ClusterTime {
  const { operationTime } = error as { operationTime?: unknown };
  return operationTime instanceof Timestamp
    ? { t: operationTime.t, i: operationTime.i }
    : { t: 0, i: 0 };
}

/** What was read. */
interface ReadPlace {
  readonly piece: CollectionName;
  /** The time that was asked for. */
  readonly at?: ClusterTime;
}

/** The error of `model/errors.ts` for a failed read. */
export function readError(error: unknown, { piece, at }: ReadPlace): Error {
  const action = `read ${piece.database}.${piece.collection}`;
  if (!UNREADABLE_TIME.includes(serverErrorCode(error) ?? 0)) return classifyError(error, action);
  const message = `Cannot ${action} as it was at one time: ${(error as Error).message}`;
  return at === undefined ? new TransientError(message) : new HistoryLostError(message);
}

/** No row is read again at its time where it never was of one. */
export function cappedError({ piece }: DocumentRequest): HistoryLostError {
  return new HistoryLostError(
    `Cannot read ${piece.database}.${piece.collection} again as it was: it is capped, and MongoDB ` +
      "reads such collections at no time but the present",
  );
}

export function noTimeError({ piece }: DocumentRequest): TransientError {
  return new TransientError(
    `Cannot read ${piece.database}.${piece.collection}: the server does not say of which time ` +
      "its answer is",
  );
}
