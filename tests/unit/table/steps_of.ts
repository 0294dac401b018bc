import type { StreamSteps, TableStep } from "../../../src/table/table_log.ts";

/** The id of the record with this seq. */
export function idOf(seq: number): string {
  return seq.toString(16).padStart(8, "0") + "-0000-4000-8000-000000000000";
}

/** The steps of one stream from a record to another one, each with so many files. */
export function steps(
  first: number,
  last: number,
  own: Partial<TableStep> = {},
  files = 1,
): StreamSteps[] {
  const made: TableStep[] = [];
  for (let seq = first; seq <= last; seq++) {
    made.push({
      ...{ seq, recordId: idOf(seq), gone: [] },
      holes: { gaps: 0, voidedObjects: 0, deadLetters: 0, objectsElsewhere: 0 },
      files: Array.from({ length: files }, (_, i) => ({
        path: `${seq}-${i}.parquet`,
        ...{ bytes: 1, rows: 1, writtenAtMs: 1 },
      })),
      ...own,
    });
  }
  return [{ streamKey: "s", lake: "l", steps: made }];
}
