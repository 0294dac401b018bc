import type { LakeConfig } from "../../config/config.ts";
import type { IcebergCatalogSettings } from "../../model/address/iceberg_settings.ts";
import type { LoadedTable } from "../../table/iceberg/catalog.ts";
import { catalogName } from "../../table/iceberg/catalog_names.ts";
import { metadataFolder, sequenceOfKey } from "../../table/iceberg/files.ts";
import { withLastList } from "../../table/iceberg/last_list.ts";
import { IcebergLog } from "../../table/iceberg/log.ts";
import { assertHere } from "../../table/iceberg/ours.ts";
import { listAll } from "../../support/flow/list_all.ts";
import { isSameName, type TableName } from "../../table/table_log.ts";
import { nameOfTable } from "../../table/table_properties.ts";
import { icebergCatalog } from "./iceberg_catalog.ts";
import { icebergStore, NOT_CLEANED, openTable } from "./iceberg_tables.ts";
import { LongNames } from "./long_names.ts";
import type { FormatParts, OpenFormat, TableInCatalog } from "./open_format.ts";
import { nameOfFolder } from "./table_place.ts";

/** Tables of Apache Iceberg that a catalog knows by the names of their collections. */
export function openCataloged(
  parts: FormatParts,
  settings: IcebergCatalogSettings,
  keyRule: LakeConfig["keyRule"],
): OpenFormat {
  const {
    tools: { clock, random, log },
    recordId,
    compactions,
    signal = new AbortController().signal,
  } = parts;
  const store = icebergStore(parts.places);
  const catalog = icebergCatalog(settings, { tools: parts.tools, signal });
  const longNames = new LongNames(parts.places);
  /** Undefined also of another collection's that has the same name in the catalog. */
  const load = async (folder: string): Promise<LoadedTable | undefined> => {
    const name = nameOfFolder(keyRule, folder) ?? await longNames.nameOf(folder, signal);
    const table = name && await catalog.load(name);
    const owner = table && nameOfTable(table.metadata.properties);
    const isOthers = owner !== undefined && !isSameName(owner, name!);
    return isOthers ? undefined : table;
  };
  return {
    format: "iceberg",
    logName: "metadata/",
    openLog: (folder, name) =>
      new IcebergLog({
        ...{
          store: withLastList(store),
          folder,
          name,
          clock,
          random,
          recordId,
          compactions,
          catalog,
        },
        failedBeside: (error) => log.warn(NOT_CLEANED, { folder, error }),
      }),
    isThere: async (folder) => await load(folder) !== undefined,
    async open(folder) {
      const table = await load(folder);
      if (table !== undefined) assertHere(store, folder, table);
      return table && {
        ...openTable(store, folder, table.metadata),
        catalog: placeIn(settings, table.name),
      };
    },
    async drop(folder) {
      const table = await load(folder);
      if (table === undefined) return;
      // Before the catalog forgets it: what comes later is of a table that begins anew.
      const keys = await listAll(store, metadataFolder(folder));
      await catalog.drop(table.name);
      for (const key of keys) if (sequenceOfKey(key) !== undefined) await store.remove(key);
    },
  };
}

function placeIn(settings: IcebergCatalogSettings, name: TableName): TableInCatalog {
  const { url, warehouse, login } = settings;
  const { namespace, table } = catalogName(settings.namespace, name);
  return {
    url,
    ...warehouse === undefined ? {} : { warehouse },
    ...{ namespace: namespace.join("."), table, isOpen: login.kind === "none" },
  };
}
