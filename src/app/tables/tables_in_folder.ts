import { PermanentError } from "../../model/errors.ts";
import { metadataFolder } from "../../table/iceberg/files.ts";
import { isVersionKey } from "../../table/iceberg/versions.ts";
import type { DeletionParts } from "../../table/retention/delete_joined.ts";
import type { NamingTable } from "../../table/retention/naming_tables.ts";
import { listAll } from "../../support/flow/list_all.ts";
import { openFormat } from "./formats.ts";
import type { FormatParts, OpenFormat } from "./open_format.ts";

/**
 * Finds all tables that a folder has, whatever formats are kept now: of Delta, of Iceberg without a catalog, and in the catalog that
 * the settings name. Where there may be another one, or one cannot be read, it throws.
 */
export function tablesIn(
  parts: Omit<FormatParts, "recordId" | "compactions">,
): DeletionParts["tablesIn"] {
  const { config: { tableWriters, iceberg }, places } = parts;
  const files = { ...parts, config: { tableWriters } };
  const delta = openFormat("delta", files);
  const plainIceberg = openFormat("iceberg", files);
  const cataloged = iceberg === undefined ? undefined : openFormat("iceberg", parts);
  return async (folder) => {
    const found: NamingTable[] = [];
    const add = async (format: OpenFormat) => {
      const table = await tableOf(format, folder);
      if (table !== undefined) found.push(table);
      return table;
    };
    await add(delta);
    const metadata = (await listAll(places.destination, metadataFolder(folder)))
      .filter((key) => /\.metadata\.json/.test(key));
    if (metadata.some(isVersionKey)) await add(plainIceberg);
    const known = cataloged && await add(cataloged);
    const unknown = metadata.find((key) => !isVersionKey(key));
    if (unknown === undefined || known !== undefined) return found;
    throw new PermanentError(
      `Nothing in "${folder}/" is deleted: "${unknown}" may be of a table of Iceberg that is in another catalog than ICEBERG_CATALOG ` +
        "says; delete it if that table is gone",
    );
  };
}

async function tableOf(format: OpenFormat, folder: string): Promise<NamingTable | undefined> {
  const table = await format.open(folder);
  if (table === undefined) return undefined;
  const doubtful = (why: string) =>
    new PermanentError(`Nothing in "${folder}/" is deleted: its table of ${format.format} ${why}`);
  if (table.name === undefined) throw doubtful("is somebody else's");
  const files = new Map((await table.files()).map((file) => [file.path, file]));
  const strange = [...files.keys()].find((path) => path.includes("://"));
  if (strange !== undefined) throw doubtful(`names "${strange}"; make it anew`);
  return { id: `${format.format} ${table.id}`, files, earlier: await table.earlier() };
}
