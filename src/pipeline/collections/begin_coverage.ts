import type { ClusterTime } from "../../model/cluster_time.ts";
import { compareClusterTimes } from "../../model/cluster_time.ts";
import {
  type Coverage,
  type EarlierCoverage,
  type OpenEnd,
  selectionKey,
} from "../../model/coverage.ts";
import { PermanentError } from "../../model/errors.ts";
import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import type { Position } from "../../model/position.ts";
import type { NamespaceFilter } from "../../model/settings.ts";
import { parseStreamKey } from "../../model/stream.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { CoverageLog, Journal } from "../ports.ts";

/** Journals looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** The longest silence of a journal that is written to, and so of one that was until a copy before this one stopped. */
const SILENCE_SECONDS_MAX = 600;

export interface BeginCoverageOptions {
  readonly filter: NamespaceFilter;
  readonly log: CoverageLog;
  readonly journal: Journal;
  /** Where the settings say that a first start begins. */
  readonly startPosition: () => Promise<Position>;
  readonly clock: Clock;
}

/** How far a selection is covered: what the lake says, or, where it says nothing, its beginning, fixed here once for all. */
export async function beginCoverage(options: BeginCoverageOptions): Promise<Coverage> {
  const { filter, log } = options;
  const key = selectionKey(filter);
  const known = await log.last(key);
  if (known !== undefined) return known;
  await log.append(key, await firstCoverage(options, 0));
  const begun = await log.last(key);
  if (begun !== undefined) return begun;
  throw new PermanentError(
    `Cannot find the coverage of ${key} just begun: the destination forgets what it confirmed`,
  );
}

/** The coverage of a selection that begins now. */
export async function firstCoverage(
  options: BeginCoverageOptions,
  seq: number,
): Promise<Coverage> {
  const { filter, clock } = options;
  const others = await otherSelections(options);
  const start = await options.startPosition();
  const before = others.map((other) => ({ filter: other.filter, from: other.through }));
  const open = others.flatMap((other) => other.open);
  return {
    seq,
    filter,
    start,
    through: start.operationTime,
    before: others.length > 0 ? before : await withoutCoverage(options),
    open: wantedOf(open, filter),
    gaps: [],
    writtenAt: isoTime(clock.wallMs()),
  };
}

/** What other selections of this lake have come to: settings with other patterns were in force before. */
export async function otherSelections(
  { filter, log }: Pick<BeginCoverageOptions, "filter" | "log">,
): Promise<Coverage[]> {
  const keys = (await log.selections()).filter((key) => key !== selectionKey(filter));
  const found = await mapLimited(keys, LOOKS_IN_FLIGHT_MAX, (key) => log.last(key));
  return found.filter((each) => each !== undefined);
}

/**
 * Journals of a version that kept no coverage: it looked for collections as long as it ran, which is as long as some
 * journal goes on, and what began after that is covered from its beginning.
 */
async function withoutCoverage(
  { filter, journal }: BeginCoverageOptions,
): Promise<EarlierCoverage[]> {
  const keys = (await journal.streams()).filter((key) => isWantedKey(key, filter));
  const ends = await mapLimited(keys, LOOKS_IN_FLIGHT_MAX, (key) => journal.last(key));
  const times = ends.filter((last) => last !== undefined && last.kind !== "closed")
    .map((last) => last!.to.operationTime);
  if (times.length === 0) return [];
  const newest = times.reduce((a, b): ClusterTime => compareClusterTimes(a, b) >= 0 ? a : b);
  return [{ filter, from: { t: Math.max(0, newest.t - SILENCE_SECONDS_MAX), i: 1 } }];
}

/** Whether a stream's key is that of a collection that the filter wants; names that were shortened are not known. */
export function isWantedKey(key: string, filter: NamespaceFilter): boolean {
  const stream = parseStreamKey(key);
  return stream?.level === "collection" &&
    isNamespaceWanted(filter, `${stream.database}.${stream.collection}`);
}

function wantedOf(open: readonly OpenEnd[], filter: NamespaceFilter): OpenEnd[] {
  return open.filter((each) => isNamespaceWanted(filter, `${each.database}.${each.collection}`));
}

/** The same as far as the oplog reaches; nothing where that is not known, or is no help. */
export function clamped(
  before: readonly EarlierCoverage[],
  oldest: ClusterTime | undefined,
): readonly EarlierCoverage[] {
  const isBefore = ({ from }: EarlierCoverage) => {
    return oldest !== undefined && compareClusterTimes(from, oldest) < 0;
  };
  if (!before.some(isBefore)) return [];
  return before.map((each) => isBefore(each) ? { ...each, from: oldest! } : each);
}
