import type { LakeStore } from "../pipeline/ports.ts";

/** A page as S3 gives it with one request. */
const PAGE_KEYS = 1000;

/** All keys with a prefix, in order. */
export async function listAll(store: Pick<LakeStore, "list">, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const startAfter = keys.at(-1);
    const page = await store.list(prefix, {
      limit: PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    keys.push(...page);
    if (page.length < PAGE_KEYS) return keys;
  }
}
