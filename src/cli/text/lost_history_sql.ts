import type { CollectionName, SnapshotEnd } from "../../model/snapshot.ts";
import type { Stream } from "../../model/stream.ts";
import { sqlText } from "./latest_state_sql.ts";

/**
 * Conditions on rows of what a stream brings: what was read again after lost history, and has no row behind the loss, is gone. The
 * ends of snapshots say where that is known.
 */
export function lostHistoryConditions(ends: readonly SnapshotEnd[], stream: Stream): string[] {
  const known = ends.flatMap((end) => conditionOf(end, stream) ?? []);
  // Of those that are about everything the last one says it all.
  const last = known.filter(({ but }) => but.length === 0).map(({ before }) => before).sort().at(
    -1,
  );
  const partly = known.filter(({ but, before }) => but.length > 0 && before > (last ?? ""));
  return [
    ...(last === undefined ? [] : [isBehind(last)]),
    ...partly.map(({ before, but }) => `(${[isBehind(before), ...but].join(" OR ")})`),
  ];
}

interface Known {
  readonly before: string;
  /** Rows of which nothing is known. */
  readonly but: readonly string[];
}

function conditionOf(
  { before, database = null, collection = null, except = [] }: SnapshotEnd,
  stream: Stream,
): Known | undefined {
  if (before === undefined) return undefined;
  const [ownDatabase, ownCollection] = [
    stream.level === "deployment" ? null : stream.database,
    stream.level === "collection" ? stream.collection : null,
  ];
  const fits = (own: string | null, other: string | null) =>
    own === null || other === null || own === other;
  const meets = (other: CollectionName) =>
    fits(ownDatabase, other.database) && fits(ownCollection, other.collection);
  if (!fits(ownDatabase, database) || !fits(ownCollection, collection)) return undefined;
  const excepted = except.filter(meets);
  if (ownCollection !== null && excepted.length > 0) return undefined;
  return {
    before,
    but: [
      ...(ownDatabase === null && database !== null ? [`database <> ${sqlText(database)}`] : []),
      ...(ownCollection === null && collection !== null
        ? [`collection <> ${sqlText(collection)}`]
        : []),
      ...excepted.map((each) =>
        `database = ${sqlText(each.database)} AND collection = ${sqlText(each.collection)}`
      ),
    ],
  };
}

function isBehind(token: string): string {
  return `resume_token > ${sqlText(token)}`;
}
