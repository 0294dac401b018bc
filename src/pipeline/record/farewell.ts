import { type JournalRecord, namesObjects } from "../../model/record.ts";

/**
 * Whether with this record, if it is a journal's last, its writer has said that it has stopped: of a record without
 * objects that counts itself among those whose objects are there. All versions can read that, and none writes it while
 * it is at work.
 */
export function isFarewell(record: JournalRecord): boolean {
  return record.durableThrough === record.seq && record.seq > 0 && !namesObjects(record);
}
