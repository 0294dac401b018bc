import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import type { CollectionStream } from "../../model/layout.ts";
import { isOfNoDocument } from "../../model/position.ts";
import { type JournalRecord, namesObjects } from "../../model/record.ts";
import { streamKey, targetKey } from "../../model/stream.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { streamsToRun } from "../layout/layout_streams.ts";
import type { LayoutNews } from "../layout/layout_watch.ts";
import { isWhole } from "../record/stored_object.ts";
import type { Journal, Layouts } from "../ports.ts";
import type { Sink } from "../sink.ts";

/** Partitions looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** Records looked at for the one that says more than that time has passed. */
const QUIET_RECORDS_MAX = 4;

/** Where it is read how far a collection's streams have come. */
export interface OpenEndParts {
  readonly sink: Pick<Sink, "look">;
  readonly journal: Journal;
  readonly layouts: Layouts;
  readonly layoutNews: Pick<LayoutNews, "look" | "newestEpoch">;
}

/**
 * Whether all streams of a collection have stored what happened up to a time, or are closed. `hints` are for the next call
 * with the same collection.
 */
export async function haveStreamsPassed(
  parts: OpenEndParts,
  collection: CollectionStream,
  time: ClusterTime,
  hints: Map<string, number>,
): Promise<boolean> {
  const { journal, layouts, layoutNews } = parts;
  const isDivided = layoutNews.newestEpoch(targetKey(collection)) > 0;
  const streams = isDivided ? await streamsToRun(journal, layouts, collection) : [collection];
  const passed = await mapLimited(streams, LOOKS_IN_FLIGHT_MAX, async (stream) => {
    const key = streamKey(stream);
    const last = await journal.last(key, hints.get(key));
    if (last !== undefined) hints.set(key, last.seq);
    if (last === undefined) return false;
    const passed = hasPassed(last, time) || await hasPassedDrop(parts, key, last, time);
    return passed && await isStored(parts, key, last);
  });
  return passed.every((each) => each);
}

/**
 * Whether a journal that ends with this record is behind all operations of a time. At the time itself only an invalidate
 * proves it: the drop may be recorded and what ends the stream not.
 */
export function hasPassed({ kind, to }: JournalRecord, time: ClusterTime): boolean {
  const order = compareClusterTimes(to.operationTime, time);
  return kind === "closed" || order > 0 || (order === 0 && to.invalidate === true);
}

/** Read by namespace, the drop is the last event of its time: no invalidate follows. */
async function hasPassedDrop(
  { journal }: OpenEndParts,
  key: string,
  last: JournalRecord,
  time: ClusterTime,
): Promise<boolean> {
  return compareClusterTimes(last.to.operationTime, time) === 0 &&
    await isDropOfNamespace(journal, key, last);
}

/** Whether a record ends at a drop or a rename and belongs to what is read by namespace. */
async function isDropOfNamespace(
  journal: Journal,
  key: string,
  { to, settingsSeq }: JournalRecord,
): Promise<boolean> {
  if (!isOfNoDocument(to.data)) return false;
  const record = await journal.read(key, settingsSeq);
  const isSaid = record?.kind === "genesis" || record?.kind === "settings";
  return isSaid && record.settings.reading === "namespace";
}

/**
 * Whether all that a journal names is there. Who appended a record may have died before its objects, and whoever runs the
 * stream next makes them.
 */
async function isStored(
  { journal, sink }: OpenEndParts,
  key: string,
  last: JournalRecord,
): Promise<boolean> {
  for (let seq = last.durableThrough + 1; seq <= last.seq; seq++) {
    const record = seq === last.seq ? last : await journal.read(key, seq);
    if (record === undefined || !namesObjects(record)) continue;
    if (!isWhole(await sink.look(record))) return false;
  }
  return true;
}

/** Whether a journal ends behind the drop of its collection, with everything stored. */
export async function endsAtDrop(
  parts: OpenEndParts,
  key: string,
  last: JournalRecord,
): Promise<boolean> {
  let record: JournalRecord | undefined = last;
  for (let looks = 0; looks < QUIET_RECORDS_MAX && isQuiet(record); looks++) {
    record = await parts.journal.read(key, record!.seq - 1);
  }
  if (record?.kind === "closed") return true;
  const isDrop = record?.kind === "reopened" ||
    (record?.kind === "batch" && await isDropOfNamespace(parts.journal, key, record));
  return isDrop && await isStored(parts, key, last);
}

function isQuiet(record: JournalRecord | undefined): boolean {
  return record?.kind === "heartbeat" || record?.kind === "settings";
}
