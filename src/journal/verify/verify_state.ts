import { describeClusterTime } from "../../model/cluster_time.ts";
import { comparePositions, samePosition } from "../../model/position.ts";
import type { LakeStore, StreamState } from "../../pipeline/ports.ts";
import { readRawRecord } from "../read_raw_record.ts";
import type { WalkedJournal } from "./verify.ts";

/**
 * What a stream's state in the state store says against its journal. `short`: the journal has lost records, and why;
 * `strange`: the state is of another lake, and proves nothing. Undefined where both agree.
 */
export type StateVerdict = { readonly short: string } | { readonly strange: string } | undefined;

/**
 * Compares how far the state store has seen a stream with where its journal ends. The store is told only what is in the
 * journal, but it may be shared with other lakes by mistake, and be older than the journal in any way.
 */
export async function judgeState(
  store: Pick<LakeStore, "get">,
  streamKey: string,
  state: StreamState,
  journal: WalkedJournal | undefined,
): Promise<StateVerdict> {
  const read = await readRawRecord(store, streamKey, state.seq);
  if (journal?.lake !== undefined && state.lake !== undefined && state.lake !== journal.lake) {
    return { strange: `it is of journal ${state.lake}, this one is ${journal.lake}` };
  }
  if (read !== "missing" && !("fault" in read)) {
    if (samePosition(read.record.to, state.position)) return undefined;
    return {
      strange: `it has record ${state.seq} end at ${time(state)}, the journal at ${
        describeClusterTime(read.record.to.operationTime)
      }`,
    };
  }
  const known = `the state store knows record ${state.seq}, which ends at ${time(state)}`;
  if (journal?.walked === undefined) return { short: `the journal is missing: ${known}` };
  const { last } = journal.walked;
  // A journal that was begun anew has fewer records and reaches farther.
  if (state.seq <= last || journal.end === undefined) return undefined;
  const order = comparePositions(state.position, journal.end);
  // A record in which nothing happened, as the farewell of a writer, ends where the one before it did.
  const isEmptyOne = order === 0 && state.lake !== undefined && state.lake === journal.lake;
  if (order <= 0 && !isEmptyOne) {
    return {
      strange: `it has record ${state.seq} and reaches no farther than record ${last} here`,
    };
  }
  const end = describeClusterTime(journal.end.operationTime);
  return { short: `the journal ends at record ${last}, at ${end}, but ${known}` };
}

function time({ position }: StreamState): string {
  return describeClusterTime(position.operationTime);
}
