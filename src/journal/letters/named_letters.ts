import { PermanentError } from "../../model/errors.ts";
import type { BatchRecord, JournalRecord } from "../../model/record.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { findJournalRange } from "../journal_range.ts";
import { readRawRecord, recordOf } from "../read_raw_record.ts";
import { readTip, RECORDS_PER_TIP } from "../tips.ts";

type Store = Pick<LakeStore, "get" | "head" | "list">;

const REQUESTS_IN_FLIGHT_MAX = 16;

/** A file of dead letters that a record names. */
export interface NamedLetters {
  readonly seq: number;
  readonly key: string;
}

/**
 * The dead letters that a stream's journal names, with and without `there`, the files that lie in the lake. Tips say how many
 * there are among a thousand records, so those records alone are read of which a file may be gone, and the last ones.
 */
export async function namedLetters(
  store: Store,
  streamKey: string,
  there: readonly NamedLetters[],
): Promise<NamedLetters[]> {
  const range = await findJournalRange(store, streamKey);
  if (range === undefined) return [];
  const eventsOf = await countEvents(store, streamKey, there);
  const found: NamedLetters[] = [];
  let before: number | undefined = 0;
  for (let first = 0; first <= range.last; first += RECORDS_PER_TIP) {
    const last = first + RECORDS_PER_TIP - 1;
    const files = there.filter(({ seq }) => seq >= first && seq <= last);
    const counted = files.reduce((sum, { key }) => sum + (eventsOf.get(key) ?? 0), 0);
    const tip = last <= range.last ? await tipCount(store, streamKey, last) : undefined;
    const isWhole = before !== undefined && tip !== undefined && tip - before === counted;
    if (isWhole) found.push(...files.filter(({ key }) => eventsOf.has(key)));
    else {
      const from = Math.max(first, range.first);
      const seqs = Array.from(
        { length: Math.min(last, range.last) - from + 1 },
        (_, i) => from + i,
      );
      found.push(...await lettersOfRecords(store, streamKey, seqs));
    }
    before = tip;
  }
  return found;
}

/** The files of dead letters that these records name. */
export async function lettersOfRecords(
  store: Pick<Store, "get">,
  streamKey: string,
  seqs: readonly number[],
): Promise<NamedLetters[]> {
  const records = await mapLimited(
    seqs,
    REQUESTS_IN_FLIGHT_MAX,
    async (seq) => recordOf(await readRawRecord(store, streamKey, seq)),
  );
  return records.flatMap((record) =>
    lettersIn(record).map(({ key }) => ({ seq: record!.seq, key }))
  );
}

/** How many events each file has that a record names. */
async function countEvents(
  store: Pick<Store, "get">,
  streamKey: string,
  there: readonly NamedLetters[],
): Promise<ReadonlyMap<string, number>> {
  const seqs = [...new Set(there.map(({ seq }) => seq))];
  const records = await mapLimited(
    seqs,
    REQUESTS_IN_FLIGHT_MAX,
    async (seq) => recordOf(await readRawRecord(store, streamKey, seq)),
  );
  const keys = new Set(there.map(({ key }) => key));
  const entries = records.flatMap(lettersIn).filter(({ key }) => keys.has(key));
  return new Map(entries.map(({ key, events }) => [key, events.length]));
}

/** Nothing depends on tips: one that is damaged is passed over, and `verify` names it. */
function tipCount(
  store: Pick<Store, "get">,
  streamKey: string,
  seq: number,
): Promise<number | undefined> {
  return readTip(store, streamKey, seq).then((tip) => tip?.deadLetters, (error: unknown) => {
    if (!(error instanceof PermanentError)) throw error;
    return undefined;
  });
}

/** What a record names; nothing of one that is no batch, or is not there. */
export function lettersIn(record: JournalRecord | undefined): BatchRecord["deadLetters"] {
  return record?.kind === "batch" ? record.deadLetters : [];
}
