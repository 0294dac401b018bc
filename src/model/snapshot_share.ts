import type { SnapshotPlan } from "./snapshot.ts";

/** What is known of how far a snapshot is; null is not known. */
export interface SnapshotMeasure {
  /** Those that were read again count again. */
  readonly documentsRead: number;
  /** About so many are to be looked at. */
  readonly documentsExpected: number | null;
  readonly documentsPerSecond: number | null;
  /** Then it is not known how many documents will fit. */
  readonly isFiltered: boolean;
  readonly isOver: boolean;
}

/** Of all documents, at most 1; null where nobody can tell. */
export function shareRead(measure: SnapshotMeasure): number | null {
  const { documentsRead, documentsExpected, isFiltered } = measure;
  if (isFiltered || documentsExpected === null) return null;
  return documentsExpected === 0 ? 1 : Math.min(1, documentsRead / documentsExpected);
}

/** Null where nobody can tell, also while nothing is read. */
export function secondsLeft(measure: SnapshotMeasure): number | null {
  const { documentsRead, documentsExpected, documentsPerSecond, isFiltered, isOver } = measure;
  if (isFiltered || isOver || documentsExpected === null || !documentsPerSecond) return null;
  return Math.max(0, documentsExpected - documentsRead) / documentsPerSecond;
}

/** Whether documents may be left out, so that nobody knows how many rows there will be. Other stages leave each its row. */
export function mayLeaveOut(
  { where, settings }: Pick<SnapshotPlan, "where" | "settings">,
): boolean {
  return where !== undefined ||
    settings.stages.some((stage) =>
      Object.keys(stage as object).some((name) => name === "$match" || name === "$redact")
    );
}
