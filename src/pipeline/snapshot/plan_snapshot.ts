import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { TransientError } from "../../model/errors.ts";
import type { StreamSettings } from "../../model/settings.ts";
import type { CollectionName, Piece, SnapshotIntent, SnapshotPlan } from "../../model/snapshot.ts";
import { type Stream, targetsOverlap } from "../../model/stream.ts";
import { RANGE_RECORD_VERSION } from "../../model/record.ts";
import { wantedSettings } from "../record/wanted_settings.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import type { DocumentSource, SurveyedCollection } from "../documents.ts";

export interface PlanParts {
  readonly documents: Pick<DocumentSource, "survey" | "divide">;
  /** Of records in the journals of ranges. */
  readonly settings: StreamSettings;
  readonly clock: Clock;
  /** A range has about so many documents. */
  readonly rangeDocumentsMax: number;
  /** Targets inside whose collections are left out: they have, or had, snapshots of their own. */
  readonly leaveOut?: readonly Stream[];
}

/** Larger collections are read in several ranges side by side. */
export const RANGE_DOCUMENTS_MAX = 4_000_000;

/** Ranges that are read at once where nobody says how many. */
export const RANGES_MAX = 4;

/** Ranges of one collection, at most. */
const PARTS_MAX = 64;

/** What a snapshot is to read: each collection that is there at or after `floor`, large ones in parts. */
export async function planSnapshot(
  { documents, settings, clock, rangeDocumentsMax, leaveOut = [] }: PlanParts,
  intent: SnapshotIntent,
  floor: ClusterTime,
  signal: AbortSignal,
): Promise<SnapshotPlan> {
  const request = {
    stream: intent.target ?? intent.stream,
    namespaces: settings.namespaces,
    floor,
  };
  const isLeftOut = ({ database, collection }: CollectionName) =>
    leaveOut.some((each) => targetsOverlap(each, { level: "collection", database, collection }));
  const all = await documents.survey(request, signal);
  const found = all.filter((each) => !isLeftOut(each));
  const ranges: Piece[][] = [];
  let small: Piece[] = [];
  let smallDocuments = 0;
  for (const collection of found) {
    const { documents: count, isCapped } = collection;
    const parts = isCapped ? 1 : Math.min(PARTS_MAX, Math.ceil(count / rangeDocumentsMax));
    const bounds = parts > 1 ? await divide(documents, collection, parts, floor, signal) : [];
    const pieces = piecesOf(collection, bounds);
    if (pieces.length > 1) {
      ranges.push(...pieces.map((piece) => [piece]));
      continue;
    }
    small.push(...pieces);
    smallDocuments += collection.documents;
    if (smallDocuments < rangeDocumentsMax) continue;
    ranges.push(small);
    small = [];
    smallDocuments = 0;
  }
  if (small.length > 0) ranges.push(small);
  return {
    ...emptyPlan({ settings, clock }, intent, floor),
    ranges: ranges.map((pieces) => ({ pieces })),
    documents: found.reduce((sum, collection) => sum + collection.documents, 0),
    leftOut: all.filter(isLeftOut).map(({ database, collection }) => ({ database, collection })),
  };
}

/** Of a snapshot of which nothing is to be read. */
export function emptyPlan(
  { settings, clock }: Pick<PlanParts, "settings" | "clock">,
  { id, stream, target, where }: SnapshotIntent,
  floor: ClusterTime,
): SnapshotPlan {
  return {
    ...{ v: 1, id, stream, floor },
    ...(target === undefined ? {} : { target }),
    ...(where === undefined ? {} : { where }),
    settings: wantedSettings(settings, stream, RANGE_RECORD_VERSION),
    ...{ ranges: [], documents: 0, leftOut: [] },
    writtenAt: isoTime(clock.wallMs()),
  };
}

/** The majority point may lie before the floor: what came between the two is in no stream, and may be greater than all bounds. */
async function divide(
  documents: Pick<DocumentSource, "divide">,
  collection: SurveyedCollection,
  parts: number,
  floor: ClusterTime,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { at, bounds } = await documents.divide(collection, parts, signal);
  if (compareClusterTimes(at, floor) >= 0) return bounds;
  throw new TransientError(
    `Cannot divide ${collection.database}.${collection.collection} yet: the server reads at a time ` +
      "before the start of the stream",
  );
}

/** The last bound is the greatest `_id` there is, a piece of its own: what is inserted behind it is in the stream. */
function piecesOf(
  { database, collection, uuid, isCapped }: SurveyedCollection,
  bounds: readonly string[],
): Piece[] {
  const capped = isCapped ? { isCapped: true as const } : {};
  const whole = { database, collection, uuid, ...capped };
  const greatest = bounds.at(-1);
  if (greatest === undefined) return [whole];
  const pieces = bounds.map((to, i) =>
    i === 0 ? { ...whole, to } : { ...whole, from: bounds[i - 1]!, to }
  );
  return [...pieces, { ...whole, only: greatest }];
}
