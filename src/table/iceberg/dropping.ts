import { listAll } from "../../support/flow/list_all.ts";
import type { FileCatalog } from "./file_catalog.ts";
import { type IcebergStore, metadataFolder, sequenceOfKey } from "./files.ts";
import { versionKey } from "./versions.ts";

/** How often copies at work may put other metadata meanwhile: each does once, and sees then that its table has gone. */
const ROUNDS_MAX = 10;

/**
 * Forgets a table that no catalog knows: its metadata, and what this names but for objects. A copy at work that does not know of it
 * yet puts once more, so it is looked again, until all is gone or begins anew.
 */
export async function dropFiles(
  store: IcebergStore,
  folder: string,
  catalog: Pick<FileCatalog, "drop">,
): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const keys = await listAll(store, metadataFolder(folder));
    const isAnew = round > 0 && keys.includes(versionKey(folder, 1));
    if (keys.length === 0 || isAnew) return;
    await catalog.drop();
    for (const key of keys) {
      if (sequenceOfKey(key) !== undefined) await store.remove(key);
    }
  }
}
