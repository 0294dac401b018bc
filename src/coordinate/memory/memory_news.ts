import type { Clock } from "../../support/clock.ts";
import type { InstanceNews, News } from "../news.ts";

/** News of the instances in one process. */
export function createMemoryNews(clock: Clock): News {
  const entries = new Map<string, { readonly news: InstanceNews; readonly endMs: number }>();
  return {
    tell(news, ttlMs) {
      entries.set(news.owner, { news, endMs: clock.monotonicMs() + ttlMs });
      return Promise.resolve();
    },
    read(owners) {
      const nowMs = clock.monotonicMs();
      const there = [...entries.values()].filter(({ news, endMs }) =>
        endMs > nowMs && owners.includes(news.owner)
      );
      return Promise.resolve(there.map(({ news }) => news));
    },
  };
}
