import { type MongoClient, Timestamp } from "mongodb";
import type { FindAnyRequest, FoundAny } from "../../../pipeline/documents.ts";
import { readCursorReply } from "../../cursor_reply.ts";
import { readError } from "./read_error.ts";

/**
 * Of a collection that is not there a server does not say of which time that is. Where it was asked of a time, it has waited until it was
 * there before it looked; else nothing is known.
 */
const NEVER = { t: 0, i: 0 };

/** Whether a collection has any document, as the primary had it at one time. */
export async function findAny(
  client: MongoClient,
  { at, ...piece }: FindAnyRequest,
  signal: AbortSignal,
): Promise<FoundAny> {
  const atClusterTime = at === undefined ? {} : { atClusterTime: new Timestamp(at) };
  const command = {
    ...{ find: piece.collection, projection: { _id: 1 }, limit: 1, singleBatch: true },
    readConcern: { level: "snapshot", ...atClusterTime },
  };
  try {
    const reply = await client.db(piece.database).command(command, { raw: true, signal });
    const { starts, atClusterTime } = readCursorReply(reply["cursor"]);
    return { isEmpty: starts.length === 0, at: atClusterTime ?? at ?? NEVER };
  } catch (error) {
    signal.throwIfAborted();
    throw readError(error, { piece, ...(at === undefined ? {} : { at }) });
  }
}
