import assert from "node:assert/strict";
import { addLosses, lossesOf, NO_LOSSES } from "../../src/model/losses.ts";
import type { JournalRecord } from "../../src/model/record.ts";
import type { KnownLosses } from "../../src/pipeline/stages.ts";

/** Asserts that what somebody was told of a journal's losses is what its records say. */
export function assertLossesTold(
  streamKey: string,
  records: readonly JournalRecord[],
  { seq, gaps, voidedObjects, deadLetters }: KnownLosses,
): void {
  const sum = records.slice(0, seq + 1).map(lossesOf).reduce(addLosses, NO_LOSSES);
  assert.deepEqual(
    { gaps, voidedObjects, deadLetters },
    sum,
    `what ${streamKey} is said to have lost up to record ${seq} is not what its journal says`,
  );
}
