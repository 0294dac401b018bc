import { type MongoClient, Timestamp } from "mongodb";
import type { ClusterTime } from "../../../model/cluster_time.ts";
import type { DocumentRequest } from "../../../pipeline/documents.ts";
import { cappedError, noTimeError } from "./read_error.ts";

/**
 * The time of rows of a capped collection: what the majority has, before anything is read. What is read is of then or of later,
 * and what was later is in the stream with greater tokens.
 */
export async function cappedTime(
  client: MongoClient,
  request: DocumentRequest,
  signal: AbortSignal,
): Promise<ClusterTime> {
  if (request.at !== undefined) throw cappedError(request);
  const { readPreference } = client;
  const hello = await client.db("admin").command({ hello: 1 }, { signal, readPreference });
  const time: unknown = hello["lastWrite"]?.majorityOpTime?.ts;
  if (!(time instanceof Timestamp)) throw noTimeError(request);
  return { t: time.t, i: time.i };
}
