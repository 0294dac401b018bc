import type { LakeConfig } from "../../config/config.ts";
import { createObjectJournal } from "../../journal/object_journal.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { RecordIdOf } from "../../table/left_steps.ts";
import { openDelta } from "./delta_tables.ts";
import { openIceberg } from "./iceberg_tables.ts";
import type { FormatParts, OpenFormat } from "./open_format.ts";

const OPENERS: Readonly<Record<TableFormat, (parts: FormatParts) => OpenFormat>> = {
  delta: openDelta,
  iceberg: openIceberg,
};

export function openFormat(format: TableFormat, parts: Omit<FormatParts, "recordId">): OpenFormat {
  const journal = createObjectJournal(parts.places.lake);
  const recordId: RecordIdOf = async (key, seq) => (await journal.read(key, seq))?.id;
  return OPENERS[format]({ ...parts, recordId });
}

/** Those that verbs are about: the ones that are kept, or Delta's where none is. */
export function formatsOf({ tables }: Pick<LakeConfig, "tables">): readonly TableFormat[] {
  return tables.length > 0 ? tables : ["delta"];
}
