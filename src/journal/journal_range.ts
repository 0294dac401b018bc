import type { LakeStore } from "../pipeline/ports.ts";
import { recordKey, seqOfRecordKey, streamFolder } from "./journal_keys.ts";

type Store = Pick<LakeStore, "head" | "list">;

/** The records of a journal that are there: without `gaps` all from `first` to `last`. */
export interface JournalRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Where a journal begins and ends, also if records are missing at its beginning or in its middle; undefined where none is
 * there. Of what the records hold nothing is read. About `2 log2(n)` requests.
 */
export async function findJournalRange(
  store: Store,
  streamKey: string,
): Promise<JournalRange | undefined> {
  const isThere = async (seq: number) => await store.head(recordKey(streamKey, seq)) !== undefined;
  const first = await isThere(0) ? 0 : await nextRecord(store, streamKey, undefined);
  if (first === undefined) return undefined;
  let last = await lastOfRun(isThere, first);
  for (;;) {
    // Behind a hole the search sees nothing.
    const next = await nextRecord(store, streamKey, last);
    if (next === undefined) return { first, last };
    // A writer at work has appended one since.
    if (next === last + 1) return { first, last: next };
    last = await lastOfRun(isThere, next);
  }
}

/** The first record after one that is there. */
async function nextRecord(
  store: Store,
  streamKey: string,
  after: number | undefined,
): Promise<number | undefined> {
  const [key] = await store.list(streamFolder(streamKey), {
    limit: 1,
    ...(after === undefined ? {} : { startAfter: recordKey(streamKey, after) }),
  });
  return key === undefined ? undefined : seqOfRecordKey(streamKey, key);
}

/** The last of a dense run that begins at `first`: doubles the distance until nothing is there, then halves it. */
async function lastOfRun(
  isThere: (seq: number) => Promise<boolean>,
  first: number,
): Promise<number> {
  let found = first;
  let missing = first + 1;
  for (let distance = 1; await isThere(missing); missing = first + distance) {
    found = missing;
    distance *= 2;
  }
  while (missing - found > 1) {
    const middle = found + Math.floor((missing - found) / 2);
    if (await isThere(middle)) found = middle;
    else missing = middle;
  }
  return found;
}
