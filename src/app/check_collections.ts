import type { NamespaceFilter } from "../model/settings.ts";
import type { NamespaceSource } from "../pipeline/ports.ts";
import type { Finding } from "../support/check_result.ts";

/** What there is to say of finding the collections that patterns stand for; nothing where all of them are found. */
export async function checkCollections(
  source: NamespaceSource,
  filter: NamespaceFilter | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (filter === undefined) return [];
  const { last: from } = await source.times(signal);
  const news = await source.openNews({ filter, from, known: () => [] }, signal);
  if (news !== undefined) {
    await news.close();
    return [];
  }
  const needed = filter.include.some((pattern) => /^[^.]*\*/.test(pattern))
    ? "the role `readAnyDatabase`, because patterns stand for databases"
    : "the role `read` on each database";
  return [{
    subject: "Collections",
    state: "warning",
    text: "they are found by listing alone, and one that is made and dropped within seconds is " +
      `missed; grant the MongoDB user ${needed}`,
  }];
}
