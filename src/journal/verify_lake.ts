import { chooseStreamKeys } from "../model/stream_choice.ts";
import { mapLimited } from "../support/limited.ts";
import { verifySelections } from "./verify_selections.ts";
import { type StreamReport, type VerifyOptions, verifyStream } from "./verify.ts";

/** Journals walked side by side; the destination limits their requests. */
const STREAMS_IN_FLIGHT_MAX = 16;

/** The streams of a lake, and what is wrong with them. */
export interface LakeReport {
  /** Streams that have a journal in the lake, also those that were not asked for. */
  readonly streamsInLake: number;
  /** In the order of their keys; behind them the selections of which something is not known. */
  readonly streams: readonly StreamReport[];
}

/**
 * Verifies all streams of a lake, or those that `stream` names (a key, a name, or a target with all its partitions).
 *
 * `verified` is told of each stream in the order of their keys, as soon as those before it are done.
 */
export async function verifyLake(
  options: VerifyOptions,
  stream: string | undefined,
  verified: (report: StreamReport) => void,
): Promise<LakeReport> {
  const all = await options.journal.streams();
  const keys = stream === undefined ? all : chooseStreamKeys(all, stream);
  const done: (StreamReport | undefined)[] = keys.map(() => undefined);
  let told = 0;
  const streams = await mapLimited(keys, STREAMS_IN_FLIGHT_MAX, async (key, index) => {
    const report = done[index] = await verifyStream(options, key);
    for (let next = done[told]; next !== undefined; next = done[++told]) verified(next);
    return report;
  });
  const selections = stream === undefined ? await verifySelections(options.destination) : [];
  selections.forEach(verified);
  return { streamsInLake: all.length, streams: [...streams, ...selections] };
}
