import { listAll } from "../../support/flow/list_all.ts";
import { type DeltaStore, entryKey, logFolder } from "./files.ts";

/** How often copies at work may put another entry meanwhile: each does once, and sees then that its table has gone. */
const ROUNDS_MAX = 10;

/**
 * Deletes the log of a table. From the end: whatever is left after a crash is a table of before. A copy at work that does not
 * know of it yet puts one more entry behind those that were there, so it is looked for again, until the log is empty or begins anew.
 */
export async function dropLog(store: DeltaStore, folder: string): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const keys = await listAll(store, logFolder(folder));
    const isAnew = round > 0 && keys.includes(entryKey(folder, 0));
    if (keys.length === 0 || isAnew) return;
    for (const key of keys.toReversed()) await store.remove(key);
  }
}
