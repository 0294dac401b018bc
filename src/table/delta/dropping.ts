import { type DeltaStore, entryKey, logFolder } from "./files.ts";

/** A page as S3 gives it with one request. */
const PAGE_KEYS = 1000;

/** How often copies at work may put another entry meanwhile: each does once, and sees then that its table has gone. */
const ROUNDS_MAX = 10;

/**
 * Deletes the log of a table. From the end: whatever is left after a crash is a table of before. A copy at work that does not
 * know of it yet puts one more entry behind those that were there, so it is looked for again, until the log is empty or begins anew.
 */
export async function dropLog(store: DeltaStore, folder: string): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const keys = await keysOf(store, folder);
    const isAnew = round > 0 && keys.includes(entryKey(folder, 0));
    if (keys.length === 0 || isAnew) return;
    for (const key of keys.toReversed()) await store.remove(key);
  }
}

async function keysOf(store: DeltaStore, folder: string): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const startAfter = keys.at(-1);
    const page = await store.list(logFolder(folder), {
      limit: PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    keys.push(...page);
    if (page.length < PAGE_KEYS) return keys;
  }
}
