import { isSameName, tableFault, type TableName, textOf } from "../table_log.ts";
import type { TableMetadata } from "./catalog.ts";
import { currentSchema } from "./metadata.ts";
import { nameOfTable } from "../table_properties.ts";
import { isOurSchema } from "./properties.ts";

const FORMAT_VERSION = 2;

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
