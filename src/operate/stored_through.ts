import type { BatchRecord, JournalRecord } from "../model/record.ts";
import type { Journal } from "../pipeline/ports.ts";
import type { Sink } from "../pipeline/sink.ts";

/**
 * The last record up to which all objects are there now. What the journal's last record says of that was so when it was
 * written; the objects of the few records since are looked for.
 */
export async function storedThrough(
  journal: Pick<Journal, "read">,
  sink: Pick<Sink, "look">,
  key: string,
  last: JournalRecord,
): Promise<number> {
  let through = last.durableThrough;
  while (through < last.seq) {
    const seq = through + 1;
    const record = seq === last.seq ? last : await journal.read(key, seq);
    if (record === undefined) break;
    if (record.kind === "batch" && !await isThere(sink, record)) break;
    through = seq;
  }
  return through;
}

async function isThere(sink: Pick<Sink, "look">, record: BatchRecord): Promise<boolean> {
  const { missing, missingLetters } = await sink.look(record);
  return missing.length + missingLetters.length === 0;
}
