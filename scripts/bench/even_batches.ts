/** How a backlog is divided. */
export interface EvenBatches {
  /** Events of each collection. */
  readonly perCollection: number;
  /** BATCH_SIZE where each collection is a stream. */
  readonly collectionRows: number;
  /** BATCH_SIZE where all are one stream. */
  readonly databaseRows: number;
}

/**
 * Divides at least so many events among collections so that every batch of every stream is full, the last one, too: none
 * waits for its time. No batch has more than `rowsMax` events.
 */
export function evenBatches(events: number, collections: number, rowsMax: number): EvenBatches {
  const each = Math.ceil(events / collections);
  const batches = Math.ceil(each / rowsMax);
  const collectionRows = Math.ceil(each / batches);
  const together = largestDivisor(batches * collections, Math.floor(rowsMax / collectionRows));
  return {
    perCollection: batches * collectionRows,
    collectionRows,
    databaseRows: collectionRows * together,
  };
}

/** The largest divisor of a number that is at most `max`. */
function largestDivisor(value: number, max: number): number {
  let divisor = Math.min(value, Math.max(max, 1));
  while (value % divisor !== 0) divisor--;
  return divisor;
}
