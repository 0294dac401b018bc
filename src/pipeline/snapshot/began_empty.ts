import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import type { Position } from "../../model/position.ts";
import { parseStreamKey, type Stream, streamKey, targetKey } from "../../model/stream.ts";
import type { Clock } from "../../support/clock.ts";
import { callWithin } from "../../support/flow/call_within.ts";
import type { DocumentSource, FoundAny } from "../documents.ts";
import type { Journal } from "../ports.ts";

/** So long a server may take to come to the start of a stream. Where it takes longer, a snapshot finds that there is nothing. */
const ANSWER_MS_MAX = 5000;

/**
 * Whether there is nothing that a snapshot would have to read: a collection was empty where its stream starts, or at a later time, so whatever
 * has come into it since is an event of the stream. False where that is not known, and of what has many collections.
 */
export async function isNothingThere(
  documents: Pick<DocumentSource, "findAny">,
  stream: Stream,
  { operationTime: start }: Position,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (stream.level !== "collection") return false;
  const { database, collection } = stream;
  const ask = async (at?: ClusterTime): Promise<FoundAny | undefined> => {
    const request = { database, collection, ...(at === undefined ? {} : { at }) };
    try {
      const find = (until: AbortSignal) => documents.findAny(request, until);
      return await callWithin(clock, ANSWER_MS_MAX, signal, find);
    } catch {
      signal.throwIfAborted();
      // What it was is told by the snapshot, which meets the same.
      return undefined;
    }
  };
  // The server may have forgotten that time, or have made the collection since.
  const found = await ask(start) ?? await ask();
  // What came between that time and the start is in no stream.
  if (found === undefined || compareClusterTimes(found.at, start) < 0) return false;
  return found.isEmpty;
}

/** Whether a journal of the target, this stream's or another one's, says that it began with an empty collection. */
export async function beganEmpty(
  journal: Pick<Journal, "read" | "streams">,
  stream: Stream,
): Promise<boolean> {
  const target = targetKey(stream);
  const others = (await journal.streams()).filter((key) => {
    const other = parseStreamKey(key);
    return other !== undefined && targetKey(other) === target;
  });
  return await saysEmpty(journal, new Set([streamKey(stream), ...others]));
}

/** Whether one of these journals of a target says so. */
export async function saysEmpty(
  journal: Pick<Journal, "read">,
  keys: Iterable<string>,
): Promise<boolean> {
  for (const key of keys) {
    const first = await journal.read(key, 0);
    if (first?.kind === "genesis" && first.wasEmpty === true) return true;
  }
  return false;
}
