import type { TableMetadata } from "../../table/iceberg/catalog.ts";
import { dropFiles } from "../../table/iceberg/dropping.ts";
import { FileCatalog } from "../../table/iceberg/file_catalog.ts";
import type { IcebergStore } from "../../table/iceberg/files.ts";
import { earlierPaths, heldFiles } from "../../table/iceberg/held_files.ts";
import { withLastList } from "../../table/iceberg/last_list.ts";
import { IcebergLog } from "../../table/iceberg/log.ts";
import { markOf } from "../../table/iceberg/properties.ts";
import { holesOf, nameOfTable } from "../../table/table_properties.ts";
import { isVersionKey, versionsBegin } from "../../table/iceberg/versions.ts";
import type { Places } from "../adapters.ts";
import type { FormatParts, OpenFormat, OpenTable } from "./open_format.ts";

/** Tables of Apache Iceberg that no catalog knows: their newest metadata is that with the highest number. */
export function openIceberg(parts: FormatParts): OpenFormat {
  const { tools: { clock, random, log }, recordId, compactions } = parts;
  const store = icebergStore(parts.places);
  const catalogOf = (folder: string) =>
    new FileCatalog({
      ...{ store, folder, clock, random },
      failedBeside: (error) =>
        log.warn(
          "A table was changed, and its hint not, or old metadata not deleted; a later change does it",
          { folder, error },
        ),
    });
  return {
    format: "iceberg",
    logName: "metadata/",
    openLog: (folder, name) =>
      new IcebergLog({
        ...{ store: withLastList(store), folder, name, clock, random, recordId, compactions },
        catalog: catalogOf(folder),
        failedBeside: (error) => log.warn(NOT_CLEANED, { folder, error }),
      }),
    isThere: async (folder) =>
      (await store.list(versionsBegin(folder), { limit: 1 })).some(isVersionKey),
    async open(folder) {
      const table = await catalogOf(folder).load(NOBODY);
      return table && openTable(store, folder, table.metadata);
    },
    drop: (folder) => dropFiles(store, folder, catalogOf(folder)),
  };
}

export const NOT_CLEANED = "Old manifests of a table could not be deleted; they stay";

/** Without a catalog a table is known by its folder. */
const NOBODY = { database: "", collection: "" };

export function openTable(store: IcebergStore, folder: string, metadata: TableMetadata): OpenTable {
  const { properties } = metadata;
  const name = nameOfTable(properties);
  return {
    ...(name === undefined ? {} : { name }),
    id: metadata["table-uuid"],
    version: Number(metadata["last-sequence-number"]),
    holes: holesOf(properties),
    markOf: (appId) => markOf(properties, appId),
    files: () => heldFiles(store, folder, metadata),
    earlier: () => earlierPaths(store, folder, metadata),
  };
}

export function icebergStore({ destination }: Pick<Places, "destination">): IcebergStore {
  return {
    url: destination.url,
    putIfAbsent: destination.putIfAbsent.bind(destination),
    get: destination.get.bind(destination),
    list: destination.list.bind(destination),
    replace: destination.replace.bind(destination),
    remove: destination.remove.bind(destination),
  };
}
