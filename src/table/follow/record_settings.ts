import { PermanentError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { StreamSettings } from "../../model/settings.ts";
import type { Journal } from "../../pipeline/ports.ts";

/** The record of a journal that must be there. */
export async function needRecord(
  journal: Pick<Journal, "read">,
  streamKey: string,
  seq: number,
): Promise<JournalRecord> {
  const record = await journal.read(streamKey, seq);
  if (record !== undefined) return record;
  throw new PermanentError(
    `Cannot follow the stream ${streamKey}: its record ${seq} is missing; see \`tributary verify\``,
  );
}

/** The settings that a record of a journal holds. */
export async function settingsAt(
  journal: Pick<Journal, "read">,
  streamKey: string,
  seq: number,
): Promise<StreamSettings> {
  return settingsIn(await needRecord(journal, streamKey, seq), streamKey);
}

export function settingsIn(record: JournalRecord, streamKey: string): StreamSettings {
  if (record.kind === "genesis" || record.kind === "settings") return record.settings;
  throw new PermanentError(
    `Cannot follow the stream ${streamKey}: its record ${record.seq} should have settings, and is a ${record.kind}`,
  );
}
