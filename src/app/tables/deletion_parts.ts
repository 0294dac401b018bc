import { createObjectJournal } from "../../journal/object_journal.ts";
import type { DeletionParts } from "../../table/retention/delete_joined.ts";
import { compareJoined } from "./compare_joined.ts";
import type { FormatParts } from "./open_format.ts";
import { tablesIn } from "./tables_in_folder.ts";

/** What deleting joined objects of a lake needs, in the place that the settings name. */
export function deletionParts(
  parts: Omit<FormatParts, "recordId" | "compactions">,
  retentionMs: number,
): DeletionParts {
  const { places: { lake, destination }, tools: { clock } } = parts;
  return {
    records: lake,
    objects: destination,
    journal: createObjectJournal(lake),
    tablesIn: tablesIn(parts),
    compare: compareJoined((key, range) => destination.get(key, range)),
    clock,
    retentionMs,
  };
}
