import { listAll } from "../../support/flow/list_all.ts";
import { type IcebergStore, metadataFolder } from "./files.ts";

/** The metadata of a table that no catalog knows. */
export function versionKey(folder: string, version: number): string {
  return `${metadataFolder(folder)}v${version}.metadata.json`;
}

const VERSION_NAME = /\/v(\d+)\.metadata\.json$/;

/** With what the keys of all metadata begin; that of the hint, which is the last of them, too. */
export function versionsBegin(folder: string): string {
  return `${metadataFolder(folder)}v`;
}

export function isVersionKey(key: string): boolean {
  return VERSION_NAME.test(key);
}

/** Which metadata there is, in order. */
export async function versionsOf(
  store: Pick<IcebergStore, "list">,
  folder: string,
): Promise<number[]> {
  const keys = await listAll(store, versionsBegin(folder));
  return keys.flatMap((key) => {
    const [, digits] = VERSION_NAME.exec(key) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  }).sort((a, b) => a - b);
}
