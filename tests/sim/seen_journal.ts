import assert from "node:assert/strict";
import { type JournalRecord, namesObjects } from "../../src/model/record.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { Stream } from "../../src/model/stream.ts";

/** A journal as it has been seen to grow. */
export interface SeenJournal {
  readonly stream: Stream;
  readonly records: JournalRecord[];
}

/** The settings that a record of a journal was made with. */
export function settingsOf(
  { records }: SeenJournal,
  { settingsSeq }: JournalRecord,
): StreamSettings {
  const record = records[settingsSeq];
  assert(record?.kind === "genesis" || record?.kind === "settings", "settings of no record");
  return record.settings;
}

/** The keys of all that a record names. */
export function keysOf(record: JournalRecord): string[] {
  if (!namesObjects(record)) return [];
  return [...record.objects, ...record.deadLetters].map(({ key }) => key);
}
