import type { Clock } from "../../support/clock.ts";
import type { InstanceNews, News } from "../news.ts";

/** News of the instances in one process. */
export function createMemoryNews(clock: Clock): News {
  const entries = new Map<string, Entry>();
  return {
    tell(news, ttlMs) {
      const atMs = clock.monotonicMs();
      entries.set(news.owner, { news, atMs, endMs: atMs + ttlMs });
      return Promise.resolve();
    },
    read(owners) {
      const nowMs = clock.monotonicMs();
      const there = [...entries.values()].filter(({ news, endMs }) =>
        endMs > nowMs && owners.includes(news.owner)
      );
      return Promise.resolve(there.map(({ news, atMs }) => ({ ...news, ageMs: nowMs - atMs })));
    },
  };
}

interface Entry {
  readonly news: InstanceNews;
  readonly atMs: number;
  readonly endMs: number;
}
