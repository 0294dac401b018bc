/** Lists keys in order, a page at a time. */
interface Listed {
  list(
    prefix: string,
    options: { readonly limit: number; readonly startAfter?: string },
  ): Promise<string[]>;
}

/** A page as S3 gives it with one request. */
const PAGE_KEYS = 1000;

/** All keys with a prefix, in order; `after`: those that come behind it. */
export async function listAll(store: Listed, prefix: string, after?: string): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const startAfter = keys.at(-1) ?? after;
    const page = await store.list(prefix, {
      limit: PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    keys.push(...page);
    if (page.length < PAGE_KEYS) return keys;
  }
}
