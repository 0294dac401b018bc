import type { BatchRecord, JournalRecord } from "../model/record.ts";
import { mapLimited } from "../support/flow/limited.ts";
import type { Destination, Journal } from "../pipeline/ports.ts";

const HEADS_IN_FLIGHT_MAX = 16;

/**
 * The last record up to which all objects are there now. What the journal's last record says of that was so when it was
 * written; the objects of the few records since are looked for.
 */
export async function storedThrough(
  journal: Pick<Journal, "read">,
  destination: Pick<Destination, "head">,
  key: string,
  last: JournalRecord,
): Promise<number> {
  let through = last.durableThrough;
  while (through < last.seq) {
    const seq = through + 1;
    const record = seq === last.seq ? last : await journal.read(key, seq);
    if (record === undefined) break;
    if (record.kind === "batch" && !await isThere(destination, record)) break;
    through = seq;
  }
  return through;
}

async function isThere(
  destination: Pick<Destination, "head">,
  { objects, deadLetters }: BatchRecord,
): Promise<boolean> {
  const found = await mapLimited(
    [...objects, ...deadLetters],
    HEADS_IN_FLIGHT_MAX,
    ({ key }) => destination.head(key),
  );
  return found.every((each) => each !== undefined);
}
