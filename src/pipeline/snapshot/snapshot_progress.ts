import { type JournalRecord, RANGE_CANCELLED } from "../../model/record.ts";
import { rangeKey, type SnapshotPlan } from "../../model/snapshot.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Journal } from "../ports.ts";
import { type Stored, storedSoFar } from "./range_journal.ts";

/** How far a snapshot is, as the journals of its ranges say. */
export interface SnapshotProgress {
  /** The numbers of the ranges that are not closed. */
  readonly open: readonly number[];
  /** Whether some were closed before all was read. */
  readonly isCut: boolean;
  /** In the lake; those that were read again count again. */
  readonly documentsRead: number;
  readonly bytesStored: number;
  /** Of the ranges that were read lately; absent where none was. */
  readonly documentsPerSecond?: number;
}

/** Journals that are looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** The speed of a range is that of so many of its records. */
const RECORDS_MEASURED = 8;

/** A range of which nothing came for so long is read by nobody, or waits for something. */
const IDLE_MS_MAX = 120_000;

/** How far a range was at the last look. */
export interface RangeSeen {
  readonly last: JournalRecord;
  readonly documents: number;
  readonly bytes: number;
}

/** `seen`: by key, of looks before, and of this one afterwards. What is closed is not looked at again. */
export async function progressOf(
  journal: Journal,
  { id, ranges }: Pick<SnapshotPlan, "id" | "ranges">,
  nowMs: number,
  seen: Map<string, RangeSeen> = new Map(),
): Promise<SnapshotProgress> {
  const found = await mapLimited([...ranges.keys()], LOOKS_IN_FLIGHT_MAX, async (i) => {
    const key = rangeKey(id, i + 1, ranges.length);
    const before = seen.get(key);
    if (before?.last.kind === "closed") return { ...before, perSecond: undefined };
    const last = await journal.last(key, before?.last.seq);
    if (last === undefined) return { documents: 0, bytes: 0 };
    const { documents, bytes, record } = await storedSoFar(journal, key, last);
    seen.set(key, { last, documents, bytes });
    const isIdle = last.kind === "closed" || record === undefined ||
      nowMs - Date.parse(record.writtenAt) > IDLE_MS_MAX;
    const perSecond = isIdle
      ? undefined
      : await speedOf(journal, key, { documents, bytes, record });
    return { last, documents, bytes, perSecond };
  });
  const speeds = found.flatMap(({ perSecond }) => perSecond ?? []);
  return {
    open: found.flatMap(({ last }, i) => last?.kind === "closed" ? [] : [i + 1]),
    isCut: found.some(({ last }) => last?.kind === "closed" && last.reason === RANGE_CANCELLED),
    documentsRead: found.reduce((sum, { documents }) => sum + documents, 0),
    bytesStored: found.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(speeds.length === 0 ? {} : {
      documentsPerSecond: speeds.reduce((sum, each) => sum + each),
    }),
  };
}

/** Between a record some time ago and this one; undefined where there is no other. */
async function speedOf(
  journal: Pick<Journal, "read">,
  key: string,
  { documents, record }: Stored & { readonly record: JournalRecord },
): Promise<number | undefined> {
  const then = await journal.read(key, Math.max(0, record.seq - RECORDS_MEASURED));
  if (then === undefined) return undefined;
  const before = await storedSoFar(journal, key, then);
  const sinceMs = Date.parse(record.writtenAt) - Date.parse(then.writtenAt);
  return sinceMs > 0 ? (documents - before.documents) / sinceMs * 1000 : undefined;
}
