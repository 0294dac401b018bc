import { type IcebergStore, listAll, metadataFolder } from "./files.ts";

/** The metadata of a table that no catalog knows. */
export function versionKey(folder: string, version: number): string {
  return `${metadataFolder(folder)}v${version}.metadata.json`;
}

/** Which metadata there is, in order. */
export async function versionsOf(
  store: Pick<IcebergStore, "list">,
  folder: string,
): Promise<number[]> {
  const keys = await listAll(store, `${metadataFolder(folder)}v`);
  return keys.flatMap((key) => {
    const [, digits] = /\/v(\d+)\.metadata\.json$/.exec(key) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  }).sort((a, b) => a - b);
}
