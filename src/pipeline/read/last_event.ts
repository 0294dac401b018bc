import { isEventToken } from "../../model/position.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { Journal } from "../ports.ts";

/** So far back an event is looked for. An idle stream writes a heartbeat each ten minutes: more than a day of them. */
const RECORDS_LOOKED_AT_MAX = 200;

/** Records read side by side. */
const RECORDS_A_LOOK = 16;

/**
 * The token of the last event that a journal has of the server it is read from now; undefined if it has none, or none of
 * late. What lies before a gap or a change of the server says nothing: an operator may have accepted another history.
 */
export async function findLastEvent(
  journal: Pick<Journal, "read">,
  key: string,
  last: JournalRecord,
): Promise<string | undefined> {
  const first = Math.max(0, last.seq - RECORDS_LOOKED_AT_MAX);
  let records: (JournalRecord | undefined)[] = [last];
  for (let seq = last.seq; seq >= first;) {
    for (const record of records) {
      if (record === undefined || isBeginning(record)) return undefined;
      const token = lastToken(record);
      if (token !== undefined) return token;
    }
    seq -= records.length;
    const count = Math.min(RECORDS_A_LOOK, seq + 1);
    records = await Promise.all(
      Array.from({ length: count }, (_, i) => journal.read(key, seq - i)),
    );
  }
  return undefined;
}

function isBeginning(record: JournalRecord): boolean {
  return record.kind === "genesis" || record.kind === "gap" ||
    (record.kind === "settings" && record.changed.includes("source"));
}

/** Of records that come from events only: what other records begin with a person may have given. */
function lastToken(record: JournalRecord): string | undefined {
  if (record.kind !== "batch" && record.kind !== "reopened") return undefined;
  if (isEventToken(record.to.data)) return record.to.data;
  if (record.kind === "reopened") return undefined;
  return record.deadLetters.at(-1)?.events.at(-1)?.data;
}
