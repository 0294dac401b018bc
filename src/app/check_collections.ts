import type { NamespaceFilter } from "../model/settings.ts";
import type { NamespaceSource } from "../pipeline/namespaces.ts";
import type { Finding } from "../support/check_result.ts";

/** What there is to say of finding the collections that patterns stand for; nothing where there are no patterns. */
export async function checkCollections(
  source: NamespaceSource,
  filter: NamespaceFilter | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (filter === undefined) return [];
  const { last: from } = await source.times(signal);
  const news = await source.openNews({ filter, from, known: () => [] }, signal);
  const isOfAny = filter.include.some((pattern) => /^[^.]*\*/.test(pattern));
  if (news !== undefined) {
    await news.close();
    const databases = new Set(filter.include.map((pattern) => pattern.split(".")[0]));
    const count = isOfAny ? 1 : databases.size;
    const text = `where collections begin and end: ${count} change stream${count === 1 ? "" : "s"}`;
    return [{ subject: "Reading", state: "ok", text }];
  }
  const needed = isOfAny
    ? "the role `readAnyDatabase`, because patterns stand for databases"
    : "the role `read` on each database";
  return [{
    subject: "Collections",
    state: "warning",
    text: "they are found by listing alone, and one that is made and dropped within seconds is " +
      `missed; grant the MongoDB user ${needed}`,
  }];
}
