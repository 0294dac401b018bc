import type { LakeConfig } from "../../config/config.ts";
import { concatParquet, UnfitInput } from "../../encode/parquet/concat_parquet.ts";
import { createObjectJournal } from "../../journal/object_journal.ts";
import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { CompactableLog } from "../../table/compaction/compactable_log.ts";
import { Compactor, type CompactorParts, type Join } from "../../table/compaction/compactor.ts";
import {
  type Deleted,
  deleteJoined,
  type DeletionParts,
} from "../../table/retention/delete_joined.ts";
import type { TableName } from "../../table/table_log.ts";
import type { AppTools, Places } from "../adapters.ts";
import type { Command } from "../commands.ts";
import { followThrough } from "./build_tables.ts";
import { deletionParts } from "./deletion_parts.ts";
import { openFormats } from "./formats.ts";
import { withPlaces } from "./with_places.ts";

/** What a compaction has done to one table. */
export interface CompactionReport extends TableName {
  readonly format: TableFormat;
  readonly url: string;
  /** Objects that became others, and these. */
  readonly inputs: number;
  readonly outputs: number;
  readonly bytes: number;
  /** Objects of the folder that were deleted, for all of its tables have named others for long enough. */
  readonly deleted: number;
  readonly faults: readonly string[];
}

/** Brings tables to where the lake is, and joins their small objects: of one collection, or of all. */
export function compactTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
): Promise<CompactionReport[]> {
  return withPlaces(config, command, async (places) => {
    const reports: CompactionReport[] = [];
    const folders = new Map<string, string>();
    const goesOn = () => {
      command.signal.throwIfAborted();
      return true;
    };
    const { tools, signal } = command;
    const formats = openFormats(config, command, places);
    for (const open of formats) {
      const { follower, failures: [failure] } = await followThrough(places, open, only, signal);
      if (failure !== undefined) throw failure.error;
      for (const { folder, name, fault } of follower.tables) {
        const url = `${places.destination.url}/${folder}/`;
        const { format } = open;
        const log = open.openLog(folder, name);
        const none = { inputs: 0, outputs: 0, bytes: 0 };
        const { inputs, outputs, bytes, faults } = fault === undefined
          ? await compactorOf(tools, places, folder, log).compact(goesOn)
          : { ...none, faults: [fault] };
        reports.push({ ...name, format, url, inputs, outputs, bytes, deleted: 0, faults });
        folders.set(url, folder);
      }
    }
    const { tableRetentionMs } = config;
    if (tableRetentionMs === undefined) return reports;
    const deletion = deletionParts({ config, tools, places, signal }, tableRetentionMs);
    for (const [url, folder] of folders) {
      const at = reports.findIndex((report) => report.url === url);
      const done = await deletedIn(deletion, folder, goesOn);
      const faults = [...reports[at]!.faults, ...done.faults];
      reports[at] = { ...reports[at]!, deleted: done.objects, faults };
    }
    return reports;
  });
}

async function deletedIn(
  deletion: DeletionParts,
  folder: string,
  goesOn: () => boolean,
): Promise<Pick<Deleted, "objects" | "faults">> {
  try {
    return await deleteJoined(deletion, folder, goesOn);
  } catch (error) {
    if (error instanceof PermanentError) return { objects: 0, faults: [errorMessage(error)] };
    throw error;
  }
}

/** What joins the small objects of one table. `join`: where tables of several formats share one. */
export function compactorOf(
  { clock }: Pick<AppTools, "clock">,
  places: Places,
  folder: string,
  log: CompactableLog,
  join: Join = joinIn(places),
): Compactor {
  const parts: CompactorParts = {
    records: places.lake,
    journal: createObjectJournal(places.lake),
    objects: places.destination,
    join,
    clock,
  };
  return new Compactor(parts, folder, log);
}

export function joinIn({ destination }: Pick<Places, "destination">): Join {
  return async (folder, inputs, output) => {
    const objects = inputs.map((input) => ({ ...input, key: `${folder}/${input.path}` }));
    const joined = concatParquet(objects, (key, range) => destination.get(key, range));
    try {
      await destination.putStreamed(`${folder}/${output}`, joined);
      return undefined;
    } catch (error) {
      if (!(error instanceof UnfitInput)) throw error;
      return { path: error.key.slice(folder.length + 1), why: error.message };
    }
  };
}
