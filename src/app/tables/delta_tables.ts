import { nestedRows } from "../../encode/parquet/nested_rows.ts";
import { heldFileOf } from "../../table/delta/actions.ts";
import { dropLog } from "../../table/delta/dropping.ts";
import { type DeltaStore, LOG_FOLDER, logFolder } from "../../table/delta/files.ts";
import { DeltaLog } from "../../table/delta/log.ts";
import { loadDelta } from "../../table/delta/state.ts";
import { markIn } from "../../table/delta/txns.ts";
import { filesAt } from "../../table/delta/upkeep.ts";
import { holesOf, nameOfTable } from "../../table/table_properties.ts";
import type { Places } from "../adapters.ts";
import type { FormatParts, OpenFormat } from "./open_format.ts";

/** Tables of Delta Lake. */
export function openDelta(parts: FormatParts): OpenFormat {
  const {
    config: { tableWriters: writers },
    tools: { clock, random, log },
    recordId,
    compactions,
  } = parts;
  const store = deltaStore(parts.places);
  return {
    format: "delta",
    logName: `${LOG_FOLDER}/`,
    openLog: (folder, name) =>
      new DeltaLog({
        ...{ store, folder, name, writers, clock, random, recordId, compactions },
        failedBeside: (what, error) => log.warn(BESIDE[what], { folder, error }),
      }),
    isThere: async (folder) => (await store.list(logFolder(folder), { limit: 1 })).length > 0,
    async open(folder) {
      const state = await loadDelta(store, folder);
      if (state === undefined) return undefined;
      const { version, metaData, txns } = state;
      const name = nameOfTable(metaData.configuration);
      return {
        ...(name === undefined ? {} : { name }),
        id: metaData.id,
        version,
        holes: holesOf(metaData.configuration),
        markOf: (appId) => markIn(txns, appId),
        async files() {
          const { there } = await filesAt(store, folder, state);
          return [...there.values()].map(heldFileOf);
        },
        // Its versions can be read as long as their files are there.
        earlier: () => Promise.resolve(new Set()),
      };
    },
    drop: (folder) => dropLog(store, folder),
  };
}

const BESIDE = {
  checkpoint: "The checkpoint of a table could not be written; a later one makes it good",
  cleaning: "Old entries in the log of a table could not be deleted; they stay",
};

/** Where logs lie, and how their checkpoints are made. */
function deltaStore({ destination }: Pick<Places, "destination">): DeltaStore {
  return {
    putIfAbsent: destination.putIfAbsent.bind(destination),
    get: destination.get.bind(destination),
    list: destination.list.bind(destination),
    replace: destination.replace.bind(destination),
    remove: destination.remove.bind(destination),
    parquet: nestedRows,
  };
}
