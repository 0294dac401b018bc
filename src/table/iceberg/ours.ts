import { isSameName, MADE_ANEW, tableFault, type TableName, textOf } from "../table_log.ts";
import type { LoadedTable, TableMetadata } from "./catalog.ts";
import { elsewhereFault, type IcebergStore, keyOf } from "./files.ts";
import { currentSchema, currentSnapshot } from "./metadata.ts";
import { nameOfTable } from "../table_properties.ts";
import { isOurSchema } from "./properties.ts";

const FORMAT_VERSION = 2;

/**
 * A lake that was copied has its tables' metadata with it, which names the objects of the other place; or the catalog knows that one's by
 * the same name.
 *
 * @throws {TableFault} with what to do.
 */
export function assertHere(
  store: Pick<IcebergStore, "url">,
  folder: string,
  { metadata, metadataUrl }: LoadedTable,
): void {
  const list = currentSnapshot(metadata)?.["manifest-list"];
  if (list === undefined || keyOf(store, list) !== undefined) return;
  const isOfCatalog = metadataUrl === undefined || keyOf(store, metadataUrl) === undefined;
  throw elsewhereFault(
    folder,
    { url: list, what: "its list of manifests" },
    isOfCatalog
      ? "the catalog has the table of the lake there: give this one another ICEBERG_NAMESPACE, or, if that one is no " +
        "longer, drop its table with `tributary table drop --force`"
      : MADE_ANEW,
  );
}

/** @throws {TableFault} where the table is not ours to write, with what to do. */
export function assertOurs(folder: string, name: TableName, metadata: TableMetadata): void {
  const owner = nameOfTable(metadata.properties);
  if (owner === undefined) {
    throw tableFault(
      folder,
      "somebody else has made it; move its metadata away, or leave this collection without a table",
    );
  }
  if (!isSameName(owner, name)) {
    const [theirs, ours] = [owner, name].map(textOf);
    throw tableFault(
      folder,
      `it has the events of ${theirs}, and those of ${ours} are to go there too; give each a table of its own`,
    );
  }
  const version = metadata["format-version"];
  if (version !== FORMAT_VERSION) {
    throw tableFault(
      folder,
      `it is of version ${version} of the format, and this version of tributary writes ${FORMAT_VERSION}`,
    );
  }
  if (!isOurSchema(currentSchema(metadata)) || isPartitioned(metadata)) {
    throw tableFault(
      folder,
      "somebody has changed its columns; make it anew with `tributary table drop` and `tributary table build`",
    );
  }
}

function isPartitioned(metadata: TableMetadata): boolean {
  const specs = metadata["partition-specs"] as readonly Record<string, unknown>[] | undefined;
  const spec = specs?.find((each) => each["spec-id"] === metadata["default-spec-id"]);
  return metadata["default-spec-id"] !== 0 ||
    (spec?.["fields"] as unknown[] | undefined)?.length !== 0;
}
