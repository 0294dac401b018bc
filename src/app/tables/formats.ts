import type { LakeConfig } from "../../config/config.ts";
import { createObjectJournal } from "../../journal/object_journal.ts";
import { readRedrives } from "../../journal/letters/object_redrives.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { RecordIdOf } from "../../table/left_steps.ts";
import { parseRedrivenStream } from "../../table/follow/redrive_follower.ts";
import type { Places } from "../adapters.ts";
import type { Command } from "../commands.ts";
import { openCataloged } from "./cataloged_tables.ts";
import { openDelta } from "./delta_tables.ts";
import { openIceberg } from "./iceberg_tables.ts";
import type { FormatParts, OpenFormat } from "./open_format.ts";

const OPENERS: Readonly<Record<TableFormat, (parts: FormatParts) => OpenFormat>> = {
  delta: openDelta,
  iceberg(parts) {
    const { iceberg, keyRule } = parts.config;
    return iceberg === undefined || keyRule === undefined
      ? openIceberg(parts)
      : openCataloged(parts, iceberg, keyRule);
  },
};

export function openFormat(
  format: TableFormat,
  parts: Omit<FormatParts, "recordId" | "compactions">,
): OpenFormat {
  const { places: { lake, destination }, tools: { random } } = parts;
  const compactions = {
    ...{ records: lake, objects: destination, random },
    journal: createObjectJournal(lake),
  };
  return OPENERS[format]({ ...parts, recordId: recordIdIn(lake), compactions });
}

function recordIdIn(lake: Places["lake"]): RecordIdOf {
  const journal = createObjectJournal(lake);
  return async (key, seq) => {
    const redriven = parseRedrivenStream(key);
    if (redriven === undefined) return (await journal.read(key, seq))?.id;
    return (await readRedrives(lake, redriven.streamKey, redriven.seq))[seq]?.recordId;
  };
}

/** Those that verbs are about: the ones that are kept, or Delta's where none is. */
export function openFormats(
  config: Pick<LakeConfig, "tables"> & FormatParts["config"],
  { tools, signal }: Pick<Command, "tools" | "signal">,
  places: Places,
): OpenFormat[] {
  const formats: readonly TableFormat[] = config.tables.length > 0 ? config.tables : ["delta"];
  return formats.map((format) => openFormat(format, { config, tools, signal, places }));
}
