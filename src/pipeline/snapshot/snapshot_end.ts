import { positionAfterTime } from "../../model/position.ts";
import {
  type CollectionName,
  isOfAll,
  type Piece,
  rangeKey,
  type SnapshotEnd,
  type SnapshotPlan,
} from "../../model/snapshot.ts";
import type { JournalRecord } from "../../model/record.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Journal } from "../ports.ts";
import type { RangeSeen } from "./snapshot_progress.ts";

/** Records that are read side by side. */
const READS_IN_FLIGHT_MAX = 32;

/**
 * What the end of a snapshot says, all of whose ranges were `seen` to be closed. A document of its target that was there behind the floor has a
 * row behind the floor, so one that has none is gone; but not where rows may be missing.
 */
export async function endOf(
  journal: Pick<Journal, "read">,
  { id, stream, floor, ranges, settings, leftOut }: SnapshotPlan,
  seen: ReadonlyMap<string, Pick<RangeSeen, "last">>,
  writtenAt: string,
): Promise<SnapshotEnd> {
  const end = { v: 1, id, writtenAt } as const;
  if (!isOfAll(id) || settings.stages.length > 0) return end;
  const except = new Map<string, CollectionName>();
  const add = ({ database, collection }: CollectionName) => {
    except.set(`${database}.${collection}`, { database, collection });
  };
  leftOut.forEach(add);
  for (const [i, { pieces }] of ranges.entries()) {
    const key = rangeKey(id, i + 1, ranges.length);
    for (const piece of await unsurePieces(journal, key, seen.get(key)!.last, pieces)) add(piece);
  }
  return {
    ...end,
    database: stream.level === "deployment" ? null : stream.database,
    collection: stream.level === "collection" ? stream.collection : null,
    before: positionAfterTime(floor).data,
    except: [...except.values()],
  };
}

/** Those that were superseded, or have dead letters. */
async function unsurePieces(
  journal: Pick<Journal, "read">,
  key: string,
  last: JournalRecord,
  pieces: readonly Piece[],
): Promise<Piece[]> {
  const records = await mapLimited(
    // The first one and the last name no pieces.
    Array.from({ length: last.seq - 1 }, (_, i) => i + 1),
    READS_IN_FLIGHT_MAX,
    (seq) => journal.read(key, seq),
  );
  return records.flatMap((record) => {
    if (record?.kind !== "batch" || record.chunk === undefined) return [];
    const { chunk: { piece, superseded }, deadLetters } = record;
    return superseded === true || deadLetters.length > 0 ? [pieces[piece]!] : [];
  });
}
