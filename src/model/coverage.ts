import { createHash } from "node:crypto";
import type { ClusterTime } from "./cluster_time.ts";
import type { Position } from "./position.ts";
import type { NamespaceFilter } from "./settings.ts";

/**
 * How far the collections of a selection, which is a filter with patterns, are covered: one entry of its list in the lake.
 * Each says all that counts; the last one holds.
 *
 * The promise: each wanted collection that had an event after `start` and at or before `through` has a start position or a
 * journal in the lake, and if the collection may be gone while its journal has not come to its end, it is in `open`.
 */
export interface Coverage {
  /** Dense from 0. */
  readonly seq: number;
  readonly filter: NamespaceFilter;
  /** Where the selection began: where collections begin that were there then. The same in all entries. */
  readonly start: Position;
  readonly through: ClusterTime;
  /** Until the first look is done: what covered some of the collections before this selection did. */
  readonly before: readonly EarlierCoverage[];
  readonly open: readonly OpenEnd[];
  /** All there ever were: times of which it is not known what collections there were. */
  readonly gaps: readonly CoverageGap[];
  /** Wall clock (ISO 8601), for people. */
  readonly writtenAt: string;
}

/** What this filter wants and began after `from` begins at its own beginning, also before the selection's start. */
export interface EarlierCoverage {
  readonly filter: NamespaceFilter;
  readonly from: ClusterTime;
}

/** A collection that is to be read at least to here, whether it is there or not. */
export interface OpenEnd {
  readonly database: string;
  readonly collection: string;
  readonly time: ClusterTime;
}

export interface CoverageGap {
  readonly from: ClusterTime;
  readonly to: ClusterTime;
  readonly reason: string;
}

const KEY_HEX_DIGITS = 16;

/** The selection's part of keys in the lake; the same for the same patterns in any order. */
export function selectionKey({ include, exclude }: NamespaceFilter): string {
  const text = JSON.stringify([[...include].sort(), [...exclude].sort()]);
  return createHash("sha256").update(text).digest("hex").slice(0, KEY_HEX_DIGITS);
}
