import type { JournalRecord } from "../../model/record.ts";

/** How the reason begins with which a stream is closed that brought nothing: it lost to one that overlaps. */
export const OVERLAPS = "overlaps ";

/** Whether a journal has come to the end of a stream that brought its events. */
export function isRetired(last: JournalRecord | undefined): boolean {
  return last?.kind === "closed" && !last.reason.startsWith(OVERLAPS);
}
