import { PermanentError } from "../model/errors.ts";
import type { JournalRecord } from "../model/record.ts";
import type { Journal } from "../pipeline/ports.ts";
import { readRawRecord } from "./read_raw_record.ts";
import {
  extendTip,
  isTipDue,
  lastTip,
  RECORDS_PER_TIP,
  type Tip,
  type TipStore,
  writeTip,
} from "./tips.ts";

/** How many missing tips a writer makes good before it leaves that to `verify`. */
const TIPS_BACK_MAX = 10;

/** How many records are read at the same time to catch up with a chain. */
const READS_IN_FLIGHT_MAX = 64;

/** Told of a tip that could not be written. Nothing depends on one: the next writer makes it good. */
export type TipFailed = (streamKey: string, seq: number, error: unknown) => void;

/**
 * The same journal, which writes the tips that are due behind the records it appends.
 *
 * The chain is carried along from record to record; where it is not known (another instance wrote the last ones) it is
 * read from the last tip on when the next is due.
 */
export function writeTips(journal: Journal, store: TipStore, failed: TipFailed): Journal {
  /** The chain behind the last record appended here, per stream run by this process. */
  const chains = new Map<string, Tip>();
  return {
    ...journal,
    async append(streamKey, record) {
      const outcome = await journal.append(streamKey, record);
      const before = chains.get(streamKey);
      if (outcome === "exists") return outcome;
      try {
        const tip = await advance(store, streamKey, record, before);
        if (tip !== undefined) chains.set(streamKey, tip);
      } catch (error) {
        failed(streamKey, record.seq, error);
      }
      return outcome;
    },
  };
}

async function advance(
  store: TipStore,
  streamKey: string,
  record: JournalRecord,
  before: Tip | undefined,
): Promise<Tip | undefined> {
  const isNext = record.seq === (before === undefined ? 0 : before.seq + 1);
  if (!isNext && !isTipDue(record.seq)) return undefined;
  const tip = isNext ? extendTip(before, record) : await catchUp(store, streamKey, record.seq);
  if (isTipDue(tip.seq)) await writeTip(store, streamKey, tip);
  return tip;
}

/** The chain up to `seq`, from the last tip that is there; writes the missing ones on the way. */
async function catchUp(
  store: TipStore,
  streamKey: string,
  seq: number,
): Promise<Tip> {
  let tip = await lastTip(store, streamKey, seq, TIPS_BACK_MAX);
  let next = tip === undefined ? 0 : tip.seq + 1;
  if (seq - next >= TIPS_BACK_MAX * RECORDS_PER_TIP) {
    throw new PermanentError(
      `Cannot make the tip of "${streamKey}" at ${seq}: the ${TIPS_BACK_MAX} before it are missing`,
    );
  }
  while (next <= seq) {
    const count = Math.min(READS_IN_FLIGHT_MAX, seq - next + 1);
    const seqs = Array.from({ length: count }, (_, index) => next + index);
    const records = await Promise.all(seqs.map((each) => readRawRecord(store, streamKey, each)));
    for (const [index, read] of records.entries()) {
      if (read === "missing" || "fault" in read) {
        const why = read === "missing" ? `record ${seqs[index]} is missing` : read.fault;
        throw new PermanentError(`Cannot make the tip of "${streamKey}" at ${seq}: ${why}`);
      }
      tip = extendTip(tip, read.record, read.bytes);
      if (isTipDue(tip.seq) && tip.seq < seq) await writeTip(store, streamKey, tip);
    }
    next += count;
  }
  return tip!;
}
