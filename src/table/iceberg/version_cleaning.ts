import { KEPT_MS } from "./cleaning.ts";
import { parseJson } from "./exact_json.ts";
import type { IcebergStore } from "./files.ts";
import { versionKey, versionsOf } from "./versions.ts";

/** In one go; the rest goes the next time. */
const DELETED_MAX = 1000;

/** Deletes metadata before the newest that is a week old. */
export async function cleanVersions(
  store: IcebergStore,
  folder: string,
  nowMs: number,
): Promise<void> {
  const versions = await versionsOf(store, folder);
  const isOld = async (version: number) => {
    const bytes = await store.get(versionKey(folder, version));
    const text = bytes && new TextDecoder().decode(bytes);
    const { "last-updated-ms": at } = parseJson(text ?? "{}") as { "last-updated-ms"?: unknown };
    return typeof at === "bigint" && BigInt(Math.floor(nowMs)) - at > KEPT_MS;
  };
  // Times grow with the numbers, so half of what is left is told by the one in its middle.
  let [old, young] = [-1, versions.length];
  while (young - old > 1) {
    const middle = (old + young) >> 1;
    if (await isOld(versions[middle]!)) old = middle;
    else young = middle;
  }
  for (const version of versions.slice(0, Math.max(0, old)).slice(0, DELETED_MAX)) {
    await store.remove(versionKey(folder, version));
  }
}
